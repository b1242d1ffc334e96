import Shared

/// The calls about one conversation.
struct ConversationCalls {
    let id: String

    var show: APIRequest { .get(self.path) }

    /// What happened lately, the newest first.
    func activities(limit: Int) -> APIRequest {
        .get(self.path + "/activities", query: [("limit", String(limit))])
    }

    /// To nobody when nil.
    func assign(to assignee: String?) -> APIRequest {
        .post(self.path + "/assign", ["assignee": assignee.map { .string($0) } ?? .null])
    }

    var close: APIRequest { .post(self.path + "/close") }
    var reopen: APIRequest { .post(self.path + "/reopen") }
    var read: APIRequest { .post(self.path + "/read") }

    private var path: String { "/api/v1/conversations/\(APIRequest.encode(self.id))" }
}
