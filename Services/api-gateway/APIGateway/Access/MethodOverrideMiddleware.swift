import HTTPTypes
import Hummingbird
import Shared

/// Refuses headers that would make another method of a request's: proxies and we must see the same one.
struct MethodOverrideMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    private static let names = ["x-http-method-override", "x-http-method", "x-method-override"]

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        guard !request.headers.contains(where: { Self.names.contains($0.name.canonicalName) }) else {
            throw Problem.methodNotAllowed
        }
        return try await next(request, context)
    }
}
