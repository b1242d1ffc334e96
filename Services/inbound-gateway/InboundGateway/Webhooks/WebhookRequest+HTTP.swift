import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import Shared

extension WebhookRequest {
    /// Reads the whole body.
    ///
    /// - Throws: 413 `body-too-large`, before reading when the request announces its length.
    init(_ request: Request) async throws {
        var headers: [String: String] = [:]
        for field in request.headers where Self.keptHeaders.contains(field.name.canonicalName) {
            headers[field.name.canonicalName] = field.value
        }
        let body = try await request.bodyBytes(upTo: Limits.webhookBytes)
        self.init(target: request.head.path ?? "/", headers: headers, body: Array(body.readableBytesView))
    }
}
