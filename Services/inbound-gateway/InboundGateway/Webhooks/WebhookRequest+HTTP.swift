import HTTPService
import HTTPTypes
import Hummingbird
import NIOCore
import Shared

extension WebhookRequest {
    /// Reads the whole body, of at most `limit` bytes.
    ///
    /// - Throws: 413 `body-too-large`, before reading when the request announces its length; 415
    ///   `unsupported-media-type` for a compressed one: signatures are over what was sent.
    init(_ request: Request, upTo limit: Int = Limits.webhookBytes) async throws {
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw Problem.compressedWebhook
        }
        var headers: [String: String] = [:]
        for field in request.headers where Self.keptHeaders.contains(field.name.canonicalName) {
            headers[field.name.canonicalName] = field.value
        }
        let body = try await request.bodyBytes(upTo: limit)
        self.init(target: request.head.path ?? "/", headers: headers, body: Array(body.readableBytesView))
    }
}

extension Problem {
    fileprivate static let compressedWebhook = Problem(
        code: "unsupported-media-type",
        status: 415,
        title: "Send the body as it is, without a Content-Encoding."
    )
}
