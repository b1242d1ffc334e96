import HTTPService
import Hummingbird
import Postgres
import Shared

/// Routes under `/internal/engine/restore`, for the operator of the whole platform.
struct RestoreRoutes: Sendable {
    /// Workers whose journals are said to be lost, in one call.
    static let mostLost = 1000

    let reconcile: ReconcileRestore
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.get("/internal/engine/restore", use: self.show)
        router.post("/internal/engine/restore/reconcile", use: self.reconcile)
    }

    /// Shows whether messages may be sent, and whose journals are there.
    @Sendable private func show(_ request: Request, context: ServiceRequestContext) async throws -> RawJSON {
        RawJSON(try await RestoreStanding(of: self.postgres).json())
    }

    /// Does some of what opens the fence; to be repeated until it is done.
    ///
    /// - Errors: 409 `journals-missing`, 422 `invalid-request`.
    @Sendable private func reconcile(_ request: Request, context: ServiceRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.optionalJSON(), at: "")
        let actor = fields.requiredString("actor", 1...200)
        let lost = fields.strings("lost_journals", 0...Self.mostLost, 1...100) ?? []
        try fields.finish()
        let progress = try await self.reconcile(without: Set(lost), by: actor, requestID: context.id)
        return RawJSON(try await RestoreStanding(of: self.postgres).json(progress))
    }
}
