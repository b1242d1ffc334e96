/// Reads one message.
struct MessageReading {
    let client: APIClient
    let id: String

    /// The message with its attempts.
    func message() async throws -> APIAnswer {
        try await self.client(.get(self.path))
    }

    func timeline() async throws -> APIAnswer {
        try await self.client(.get(self.path + "/timeline"))
    }

    private var path: String { "/api/v1/messages/\(APIRequest.encode(self.id))" }
}
