import HTTPTypes
import Hummingbird
import Logging
import Shared

/// Finds out where a request comes from, for the count of guesses, every log line and the trail.
///
/// It goes outside `ProblemMiddleware`, so that what is logged about a failure has it too.
struct ClientMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    let proxies: TrustedProxies

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        let forwarded = request.headers[values: .forwardedFor]
        let client = ClientAddress(context.peer.map { self.proxies.client(of: $0, forwarded: forwarded) })
        var context = context
        context.client = client
        context.logger[metadataKey: "client.address"] = "\(client.text)"
        return try await ClientOrigin.$address.withValue(client.isKnown ? client.text : nil) { [context] in
            try await withLogger(context.logger) { _ in try await next(request, context) }
        }
    }
}

// A literal name is valid for certain.
// swift-format-ignore: NeverForceUnwrap
extension HTTPField.Name {
    fileprivate static let forwardedFor = Self("X-Forwarded-For")!
}
