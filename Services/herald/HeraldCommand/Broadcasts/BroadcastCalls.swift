import Shared

/// The calls about one broadcast.
struct BroadcastCalls: Sendable {
    let id: String

    private var path: String { "/api/v1/broadcasts/\(APIRequest.encode(self.id))" }

    var show: APIRequest { .get(self.path) }
    var recipientsPath: String { "\(self.path)/recipients" }

    func act(_ verb: String) -> APIRequest { .post("\(self.path)/\(verb)") }
}
