/// Creates the message of a number.
struct CreateMessage: LoadRequest {
    enum Keys: Sendable {
        case none
        case unique(run: String)

        func key(_ number: Int) -> String? {
            switch self {
            case .none: nil
            case .unique(let run): "\(run)-\(number)"
            }
        }
    }

    static let created = 202

    let client: any PostsMessages
    let body: MessageBody
    var keys = Keys.none
    /// Marks that the stub's ledger shows; nil for none.
    var marks: RunMarks?

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        try await self.client.post(
            "/api/v1/messages",
            self.body.buffer(number, mark: self.marks?.mark(number) ?? ""),
            idempotencyKey: self.keys.key(number)
        )
    }
}
