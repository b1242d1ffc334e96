import Foundation
import NIOCore

/// Makes sure, before anything is measured, that messages are taken.
struct ProbeTarget {
    let client: LoadClient

    /// Asks what would become of `body`, without sending it.
    ///
    /// - Throws: `LoadFailure` with what to change.
    func callAsFunction(_ body: ByteBuffer) async throws(LoadFailure) {
        let answer = try await self.client.post("/api/v1/messages?dry_run=true", body)
        switch answer.status {
        case 200: return
        case 401: throw LoadFailure("The key is refused by \(self.client.baseURL); --key must be one of its API keys.")
        case 403: throw LoadFailure("The key may not send messages: \(answer.explanation)")
        case 400..<600 where answer.problemCode != nil:
            throw LoadFailure("A message like those to be sent is refused with \(answer.status): \(answer.explanation)")
        default:
            throw LoadFailure(
                "\(self.client.baseURL) does not answer as Herald does (\(answer.status)); is --url the api-gateway?"
            )
        }
    }
}
