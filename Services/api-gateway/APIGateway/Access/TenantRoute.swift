import HTTPService
import HTTPTypes
import Hummingbird
import Shared

/// A route of an organization; it can not be made without saying which scope it needs.
struct TenantRoute: Sendable {
    let method: HTTPRequest.Method
    /// Under `/api/v1`, with `{id}`.
    let path: String
    let scope: Scope
    private let handle: @Sendable (Request, TenantRequestContext) async throws -> Response

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ scope: Scope,
        use handle: @escaping @Sendable (Request, TenantRequestContext) async throws -> some ResponseGenerator
    ) {
        self.method = method
        self.path = path
        self.scope = scope
        self.handle = { request, context in
            try await handle(request, context).response(from: request, context: context)
        }
    }

    /// Checks the scope and the form of an idempotency key, then does the work.
    func callAsFunction(_ request: Request, _ context: TenantRequestContext) async throws -> Response {
        guard context.tenancy.scopes.allows(self.scope) else { throw Problem.missingScope(self.scope) }
        if self.method != .get, let key = request.headers[.idempotencyKey] { _ = try IdempotencyKey(key) }
        return try await self.handle(request, context)
    }
}

extension RouterMethods<TenantRequestContext> {
    func add(_ routes: [TenantRoute]) {
        for route in routes {
            self.on(RouterPath(route.path), method: route.method) { request, context in
                try await route(request, context)
            }
        }
    }
}

extension Problem {
    fileprivate static func missingScope(_ scope: Scope) -> Problem {
        Problem(
            code: "missing-scope",
            status: 403,
            title: "The key lacks a scope that this route needs.",
            detail: "It needs \(scope.rawValue)."
        )
    }
}
