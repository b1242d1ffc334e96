import Shared

/// Opens and closes one account for its messages, and checks it.
struct AccountGate {
    let id: String

    func park(reason: String?) -> APIRequest {
        var body = JSONObject()
        body["reason"] = reason.map { .string($0) }
        return .post(self.path + "/park", .object(body))
    }

    var resume: APIRequest { .post(self.path + "/resume") }

    var check: APIRequest { .post(self.path + "/check") }

    private var path: String { "/api/v1/channel-accounts/\(APIRequest.encode(self.id))" }
}
