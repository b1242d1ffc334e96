import HTTPService
import HTTPTypes
import Hummingbird
import Secrets
import Shared

/// Where the links in marketing mails lead: `/unsubscribe/{token}`.
///
/// - Source: RFC 8058, "Signaling One-Click Functionality for List Email Headers".
struct UnsubscribeRoutes: Sendable {
    /// Bytes of the form that a mail program posts; it says nothing that the token does not.
    static let formBytes = 4096

    let tokens: UnsubscribeTokens
    let unsubscribe: Unsubscribe

    func add(to router: some RouterMethods<AppRequestContext>) {
        router.get("/unsubscribe/:token", use: self.ask)
        router.post("/unsubscribe/:token", use: self.take)
    }

    /// Shows a page with a button, and changes nothing: scanners of mails follow every link.
    @Sendable private func ask(_ request: Request, context: AppRequestContext) async throws -> Response {
        guard let link = self.link(context) else { return Self.response(.notFound, .unknown) }
        return Self.response(.ok, .question(link.address))
    }

    /// Ends marketing to the link's address: 200 once it is stored.
    ///
    /// - Errors: 413 `body-too-large`, 503 when it can not be stored.
    @Sendable private func take(_ request: Request, context: AppRequestContext) async throws -> Response {
        _ = try await request.bodyBytes(upTo: Self.formBytes)
        guard let link = self.link(context) else { return Self.response(.notFound, .unknown) }
        try await self.unsubscribe(link)
        return Self.response(.ok, .done(link.address))
    }

    private func link(_ context: AppRequestContext) -> UnsubscribeLink? {
        context.parameters.get("token").flatMap(self.tokens.link)
    }

    private static func response(_ status: HTTPResponse.Status, _ page: UnsubscribePage) -> Response {
        Response(
            status: status,
            headers: UnsubscribePage.headers,
            body: .init(byteBuffer: ByteBuffer(string: page.html))
        )
    }
}
