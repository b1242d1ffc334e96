import HTTPTypes
package import Hummingbird
import Shared

/// Finds out which service calls, and takes over its request id.
///
/// It goes before everything else, so that problems and logs too have the caller's id; it refuses nothing by itself.
package struct ServiceCallerMiddleware: RouterMiddleware {
    private let tokens: ServiceTokens

    package init(tokens: ServiceTokens) {
        self.tokens = tokens
    }

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let token = request.bearerToken, let service = try? await self.tokens.verify(token) else {
            return try await next(request, context)
        }
        var context = context
        context.caller = ServiceCaller(service: service, acting: Acting(headers: request.headers))
        if let id = request.headers[.requestID], Self.isRequestID(id) { context.identify(as: id) }
        // Of the service that vouches for it; from the gateway it goes on through all that are called for the request.
        let client = request.headers[.heraldClient].flatMap { IPAddress($0) }
        return try await ClientOrigin.$address.withValue(client?.description) { [context] in
            try await next(request, context)
        }
    }

    /// What we make ourselves, and anything else that is short and harmless in a log.
    private static func isRequestID(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}

/// Refuses what does not come from one of our services.
package struct ServiceAuthenticationMiddleware: RouterMiddleware {
    package init() {}

    package func handle(
        _ request: Request,
        context: AppRequestContext,
        next: @concurrent (Request, AppRequestContext) async throws -> Response
    ) async throws -> Response {
        guard context.caller != nil else { throw Problem.unauthorized }
        return try await next(request, context)
    }
}

extension Request {
    /// What follows `Bearer ` in `Authorization`; nil without it.
    package var bearerToken: String? {
        guard let header = self.headers[.authorization] else { return nil }
        let scheme = "Bearer "
        guard header.count > scheme.count, header.prefix(scheme.count).lowercased() == scheme.lowercased() else {
            return nil
        }
        return String(header.dropFirst(scheme.count))
    }
}
