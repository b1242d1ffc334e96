import NIOCore
import NIOHTTP1
import Shared

extension MessagingAPI {
    /// Passes creates on together: `POST /internal/messages/gathered`.
    ///
    /// Each is answered as it would be by itself, problems included, and is never sent again.
    /// - Returns: one answer for each, in their order.
    /// - Throws: `Problem.unavailable` when there is no answer.
    package func create(
        _ creates: [GatheredCreate],
        deadline: Duration = InternalClient.ordinaryDeadline
    ) async throws -> [InternalAnswer] {
        var call = InternalCall(method: .POST, path: "/internal/messages/gathered", query: nil, repeatable: false)
        call.body = Gathering.bytes(of: creates)
        call.headers.add(name: "content-type", value: "application/octet-stream")
        let answer = try await self.client.perform(call, as: nil, deadline: deadline)
        guard answer.status == 200, let answers = try? Gathering.answers(in: answer.body),
            answers.count == creates.count
        else { throw Problem.unavailable(ServiceName.messagingService.rawValue) }
        return answers
    }
}
