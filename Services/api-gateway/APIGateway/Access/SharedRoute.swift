import HTTPTypes
import Hummingbird
import Shared

/// A route of one organization that, with the operator's key and no organization named, is one of the installation.
struct SharedRoute: Sendable {
    let tenant: TenantRoute
    private let handle: @Sendable (Request, OperatorRequestContext) async throws -> Response

    /// - Parameters:
    ///   - tenant: for a tenant's key, and for the operator who names an organization.
    ///   - handle: for the operator who names none.
    init(
        _ tenant: TenantRoute,
        everything handle: @escaping @Sendable (Request, OperatorRequestContext) async throws -> some ResponseGenerator
    ) {
        self.tenant = tenant
        self.handle = { request, context in
            try await handle(request, context).response(from: request, context: context)
        }
    }

    func callAsFunction(_ request: Request, _ context: GatewayRequestContext) async throws -> Response {
        guard context.tenancy == nil else {
            return try await self.tenant(request, TenantRequestContext(context: context))
        }
        return try await self.handle(request, OperatorRequestContext(context: context))
    }
}

extension RouterMethods<GatewayRequestContext> {
    /// Adds routes behind a `TenantMiddleware` that lets the operator through without an organization.
    func add(_ routes: [SharedRoute]) {
        for route in routes {
            self.on(RouterPath(route.tenant.path), method: route.tenant.method) { request, context in
                try await route(request, context)
            }
        }
    }
}
