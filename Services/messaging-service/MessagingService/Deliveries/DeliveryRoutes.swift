import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// Routes of the engine, called by outbound-worker and inbound-gateway for every organization.
struct DeliveryRoutes: Sendable {
    /// Messages, outcomes or reports in one call.
    static let mostPerCall = 1000
    static let mostWaitMilliseconds = 30_000

    let leaseMessages: LeaseMessages
    let settleMessages: SettleMessages
    let applyReports: ApplyReports
    let endLeases: EndLeases
    let findWebhookAccount: FindWebhookAccount
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/leases", use: self.lease)
        router.post("/internal/outcomes", use: self.outcomes)
        router.post("/internal/heartbeats", use: self.heartbeat)
        router.post("/internal/reports", use: self.reports)
        router.post("/internal/webhook-accounts/find", use: self.webhookAccount)
    }

    /// Hands out due messages, waiting for some.
    ///
    /// - Errors: 422 `invalid-lease`.
    @Sendable private func lease(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let asked = try await request.decodeInternal(MessagingAPI.LeaseRequest.self)
        guard (1...Self.mostPerCall).contains(asked.slots), (1...100).contains(asked.worker.name.utf8.count),
            (0...Self.mostWaitMilliseconds).contains(asked.waitMilliseconds)
        else {
            throw Problem(
                code: "invalid-lease",
                status: 422,
                title: "A lease asks for 1 to 1,000 slots, waits up to 30,000 ms, and names its worker."
            )
        }
        return JSONResponse(.ok, try await self.leaseMessages(asked))
    }

    /// Applies what workers did.
    @Sendable private func outcomes(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let told = try await request.decodeInternal(MessagingAPI.OutcomeRequest.self)
        guard told.outcomes.count <= Self.mostPerCall else { throw Problem.tooManyItems }
        try await self.settleMessages(told.outcomes.map { AttemptEvent($0, by: told.worker) })
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }

    @Sendable private func heartbeat(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let worker = try await request.decodeInternal(MessagingAPI.WorkerIdentity.self)
        switch try await self.postgres.run({ connection in try WorkerStore.beat(worker, on: connection) }) {
        case .same: break
        case .anotherIncarnation: try await self.endLeases()
        case .superseded: throw Problem.workerSuperseded
        }
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }

    /// Applies what providers reported.
    @Sendable private func reports(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let told = try await request.decodeInternal(MessagingAPI.ReportRequest.self)
        guard told.reports.count <= Self.mostPerCall else { throw Problem.tooManyItems }
        return JSONResponse(.ok, MessagingAPI.ReportAnswer(effects: try await self.applyReports(told.reports)))
    }

    @Sendable private func webhookAccount(
        _ request: Request,
        context: ServiceRequestContext
    ) async throws -> JSONResponse {
        let query = try await request.decodeInternal(MessagingAPI.WebhookAccountQuery.self)
        return JSONResponse(.ok, MessagingAPI.WebhookAccountAnswer(account: try await self.findWebhookAccount(query)))
    }
}

extension Problem {
    fileprivate static let tooManyItems = Problem(
        code: "too-many-items",
        status: 422,
        title: "A call has at most 1,000 items."
    )
}
