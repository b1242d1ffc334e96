import HTTPTypes
import Hummingbird
import Shared

/// Decides for which organization a request is: the key's own, or the one that the operator names in `X-Org-Id`.
struct TenantMiddleware: RouterMiddleware {
    typealias Context = GatewayRequestContext

    /// What the operator's key means without `X-Org-Id`.
    enum Unnamed: Sendable {
        /// Nothing: the route is of one organization.
        case refused
        /// All of them: the request goes on without a tenancy.
        case everything
    }

    let keys: KeyDirectory
    let unnamed: Unnamed

    func handle(
        _ request: Request,
        context: GatewayRequestContext,
        next: @concurrent (Request, GatewayRequestContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.tenancy = try await self.tenancy(of: context.caller, request)
        return try await next(request, context)
    }

    /// A header that is there and names nobody is refused everywhere: it must not widen what a request means.
    private func tenancy(of caller: Caller?, _ request: Request) async throws -> Tenancy? {
        switch caller {
        case nil:
            throw Problem.unauthorized
        case .tenant(let key):
            guard !key.org.isSuspended else { throw Problem.orgSuspended }
            return Tenancy(key)
        case .operatorKey:
            guard let name = request.headers[.orgID] else { return try self.unnamedTenancy() }
            guard let id = OrgID(name) else { throw Problem.orgIDRequired }
            guard let org = try await self.keys.org(id) else { throw Problem.notFound }
            return Tenancy(operatorFor: id, org: org)
        }
    }

    private func unnamedTenancy() throws(Problem) -> Tenancy? {
        switch self.unnamed {
        case .refused: throw .orgIDRequired
        case .everything: nil
        }
    }
}

// A literal name is valid for certain.
// swift-format-ignore: NeverForceUnwrap
extension HTTPField.Name {
    static let orgID = Self("X-Org-Id")!
}

extension Problem {
    fileprivate static let orgSuspended = Problem(
        code: "org-suspended",
        status: 403,
        title: "This organization is suspended; ask the operator of the installation."
    )
    fileprivate static let orgIDRequired = Problem(
        code: "org-id-required",
        status: 400,
        title: "With the operator's key this route needs the header X-Org-Id: the id of an organization."
    )
}
