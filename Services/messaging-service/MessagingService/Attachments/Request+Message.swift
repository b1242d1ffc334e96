import HTTPService
import HTTPTypes
import Hummingbird
import Shared

extension Request {
    /// Reads a message: as much as any request may have, and its attachments beside it.
    ///
    /// - Throws: `Problem` 413 also for what is too large without its attachments.
    func strictMessage() async throws -> JSONValue {
        let body = try await self.strictJSON(upTo: Limits.attachmentsBytes)
        let announced = self.headers[.contentLength].flatMap { Int($0) }
        // The usual message is not looked at twice.
        if let announced, announced <= Limits.bodyBytes { return body }
        guard case .object(var rest) = body, rest["attachments"] != nil else {
            guard (announced ?? body.bytes.count) <= Limits.bodyBytes else {
                throw Problem.bodyTooLarge(Limits.bodyBytes)
            }
            return body
        }
        rest["attachments"] = JSONValue?.none
        guard JSONValue.object(rest).bytes.count <= Limits.bodyBytes else {
            throw Problem.bodyTooLarge(Limits.bodyBytes)
        }
        return body
    }
}
