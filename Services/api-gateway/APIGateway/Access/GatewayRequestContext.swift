import HTTPService
package import Hummingbird
import Logging
import NIOCore
import Shared

/// The context of every request to the public port; its id is always ours.
package struct GatewayRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Nil until `CallerMiddleware` has verified a key.
    var caller: Caller?
    /// Nil until `TenantMiddleware` knows the organization, and where the operator asks for all of them.
    var tenancy: Tenancy?
    /// Out of which the request is paid; nil for the operator, and until `RateLimitMiddleware` has paid for it.
    var account: RateAccount?
    /// At the other end of the connection, which may be a proxy; nil for what has no address.
    let peer: IPAddress?
    /// Where the request comes from, once `ClientMiddleware` knows it.
    var client: ClientAddress

    package init(source: ApplicationRequestContextSource) {
        self.peer = source.channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        self.client = ClientAddress(self.peer)
        self.coreContext = .init(source: source)
        self.identify(as: RequestTrace.newRequestID())
    }
}

/// Whose key a request carries.
enum Caller: Sendable {
    case operatorKey
    case tenant(KeyRecord)
}

/// The context of every route of one organization.
///
/// It can not exist without a verified key and an organization, so neither can the route.
struct TenantRequestContext: ChildRequestContext {
    var coreContext: CoreRequestContextStorage
    let tenancy: Tenancy
    let account: RateAccount?

    var orgID: OrgID { self.tenancy.orgID }

    init(context: GatewayRequestContext) throws {
        guard let tenancy = context.tenancy else { throw Problem.unauthorized }
        self.coreContext = context.coreContext
        self.tenancy = tenancy
        self.account = context.account
    }
}

/// The context of routes that only the operator has.
struct OperatorRequestContext: ChildRequestContext {
    static let actor = "operator"

    var coreContext: CoreRequestContextStorage

    /// - Throws: for a tenant's key 403; where the path names an organization 404, whether there is such a one or not.
    init(context: GatewayRequestContext) throws {
        switch context.caller {
        case .operatorKey: self.coreContext = context.coreContext
        case .tenant where context.parameters.get("id") != nil: throw Problem.notFound
        case .tenant: throw Problem.operatorOnly
        case nil: throw Problem.unauthorized
        }
    }
}

extension RequestContext {
    /// The id in the path; what is no id is as unknown as an id that nobody has.
    func id<Entity>(of type: Entity.Type) throws(Problem) -> ID<Entity> {
        guard let id = self.parameters.get("id").flatMap({ ID<Entity>($0) }) else { throw .notFound }
        return id
    }
}

extension Problem {
    static let operatorOnly = Problem(
        code: "operator-only",
        status: 403,
        title: "This route is for the operator of the installation."
    )
}
