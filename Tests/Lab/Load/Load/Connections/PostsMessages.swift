import NIOCore

/// Posts what a loop measures.
protocol PostsMessages: Sendable {
    /// - Throws: `LoadFailure` when there is no answer.
    func post(_ path: String, _ body: ByteBuffer, idempotencyKey: String?) async throws(LoadFailure) -> LoadAnswer
}

extension LoadClient: PostsMessages {}
