package import Shared

extension MessagingAPI {
    /// Gets the files of a mail that is about to leave: `POST /internal/attachments`.
    ///
    /// - Returns: those that its message has now, in their order.
    package func attachments(of attempt: AttemptKey) async throws -> [AttachmentFile] {
        let answer: AttachmentAnswer = try await self.client.post(
            "/internal/attachments",
            attempt,
            repeatable: true,
            deadline: .seconds(10)
        )
        return answer.files
    }

    package struct AttachmentAnswer: Codable, Sendable {
        package let files: [AttachmentFile]

        package init(files: [AttachmentFile]) {
            self.files = files
        }
    }
}
