package import Hummingbird
package import Shared

/// The context of every route that touches one organization's data.
///
/// It can not exist without a verified service token and an organization, so neither can the route.
package struct OrgRequestContext: ChildRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let service: ServiceName
    package let acting: Acting

    package var orgID: OrgID { self.acting.orgID }
    /// For the audit trail.
    package var actor: String { self.acting.actor }
    package var mode: KeyMode { self.acting.mode }

    package init(context: AppRequestContext) throws {
        guard let caller = context.caller, let acting = caller.acting else { throw Problem.unauthorized }
        self.coreContext = context.coreContext
        self.service = caller.service
        self.acting = acting
    }
}

/// The context of routes that one service calls for itself: leases, reports, batches of several organizations.
package struct ServiceRequestContext: ChildRequestContext {
    package var coreContext: CoreRequestContextStorage
    package let service: ServiceName
    private let parent: AppRequestContext

    /// Whether the caller still waits for the answer; for calls that take long.
    package var isConnected: Bool { self.parent.isConnected }

    package init(context: AppRequestContext) throws {
        guard let caller = context.caller else { throw Problem.unauthorized }
        self.parent = context
        self.coreContext = context.coreContext
        self.service = caller.service
    }
}
