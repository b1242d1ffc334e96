import HTTPService
import Hummingbird
import InternalAPI
import Logging
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
    let lookUpFindings: LookUpFindings
    let recoverWorker: RecoverWorker
    let replayJournal: ReplayJournal
    let findWebhookAccount: FindWebhookAccount
    let takeChecks: TakeChecks
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/leases", use: self.lease)
        router.post("/internal/attachments", use: self.attachments)
        router.post("/internal/outcomes", use: self.outcomes)
        router.post("/internal/heartbeats", use: self.heartbeat)
        router.post("/internal/workers/recover", use: self.recover)
        router.post("/internal/workers/replay", use: self.replay)
        router.post("/internal/reports", use: self.reports)
        router.post("/internal/webhook-accounts/find", use: self.webhookAccount)
    }

    /// Hands out due messages, waiting for some.
    ///
    /// - Errors: 422 `invalid-lease`.
    @Sendable private func lease(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let asked = try await request.decodeInternal(MessagingAPI.LeaseRequest.self)
        guard (0...Self.mostPerCall).contains(asked.slots), (0...Self.mostPerCall).contains(asked.urgentSlots),
            asked.slots + asked.urgentSlots > 0, asked.call > 0, (0..<asked.call).contains(asked.received),
            (0...1).contains(asked.suspects), (1...100).contains(asked.worker.name.utf8.count),
            (0...Self.mostWaitMilliseconds).contains(asked.waitMilliseconds)
        else {
            throw Problem(
                code: "invalid-lease",
                status: 422,
                title: "A lease asks for 1 to 1,000 slots, waits up to 30,000 ms, and names its worker and its call."
            )
        }
        return JSONResponse(.ok, try await self.leaseMessages(asked) { context.isConnected })
    }

    /// Gives the files of a mail to who is about to send it: they are not in its lease, which would hold those of many.
    @Sendable private func attachments(
        _ request: Request,
        context: ServiceRequestContext
    ) async throws -> JSONResponse {
        let attempt = try await request.decodeInternal(MessagingAPI.AttemptKey.self)
        let key = MessageKey(orgID: attempt.orgID, id: attempt.reference.messageID)
        let files = try await self.postgres.transaction(for: [key.orgID]) { connection in
            try connection.query(MailFileStore.files(of: key)).map { try MailFileStore.file(in: $0) }
        }
        return JSONResponse(.ok, MessagingAPI.AttachmentAnswer(files: files))
    }

    /// Applies what workers did.
    @Sendable private func outcomes(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let told = try await request.decodeInternal(MessagingAPI.OutcomeRequest.self)
        guard told.outcomes.count + told.unused.count + told.findings.count <= Self.mostPerCall else {
            throw Problem.tooManyItems
        }
        let unused = told.unused.map { AttemptEvent($0, unused: .givenBack, because: .givenBack) }
        try await self.settleMessages(told.outcomes.map { AttemptEvent($0, by: told.worker) } + unused)
        try await self.lookUpFindings(told.findings)
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }

    @Sendable private func heartbeat(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let beat = try await request.decodeInternal(MessagingAPI.HeartbeatRequest.self)
        let life = try await self.postgres.run { connection in
            try WorkerStore.beat(beat.worker, memory: beat.memory, on: connection)
        }
        switch life {
        case .alive(let mustRestart, let standing, let now):
            let checks = await self.checks(atMost: beat.checks ?? 0, context)
            return JSONResponse(
                .ok,
                MessagingAPI.HeartbeatAnswer(restart: mustRestart, standing: standing, checks: checks, now: now)
            )
        case .superseded: throw Problem.workerSuperseded
        }
    }

    /// A heartbeat is answered whether or not they can be had.
    private func checks(atMost wanted: Int, _ context: ServiceRequestContext) async -> [MessagingAPI.CheckQuestion] {
        do {
            return try await self.takeChecks(atMost: wanted)
        } catch {
            context.logger.warning("no checks are handed out", metadata: ["error": "\(String(reflecting: error))"])
            return []
        }
    }

    /// Settles what the life before this one of a worker had leased.
    @Sendable private func recover(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        try await self.recoverWorker(try await request.decodeInternal(MessagingAPI.RecoveryRequest.self))
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }

    /// Takes in what a worker's journal knows, after the database was restored.
    ///
    /// - Errors: 409 `another-epoch`.
    @Sendable private func replay(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let told = try await request.decodeInternal(MessagingAPI.ReplayRequest.self)
        guard told.attempts.count <= Self.mostPerCall else { throw Problem.tooManyItems }
        try await self.replayJournal(told)
        return JSONResponse(.ok, MessagingAPI.Accepted())
    }

    /// Applies what providers reported.
    @Sendable private func reports(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let told = try await request.decodeInternal(MessagingAPI.ReportRequest.self)
        guard told.reports.count <= Self.mostPerCall else { throw Problem.tooManyItems }
        return JSONResponse(.ok, try await self.applyReports(told.reports))
    }

    @Sendable private func webhookAccount(
        _ request: Request,
        context: ServiceRequestContext
    ) async throws -> JSONResponse {
        let query = try await request.decodeInternal(MessagingAPI.WebhookAccountQuery.self)
        return JSONResponse(.ok, MessagingAPI.WebhookAccountAnswer(account: try await self.findWebhookAccount(query)))
    }
}

extension ProviderError {
    fileprivate static let givenBack = ProviderError(
        code: "given-back",
        detail: "The worker gave it back without trying; nothing left."
    )
}

extension Problem {
    static let tooManyItems = Problem(
        code: "too-many-items",
        status: 422,
        title: "A call has at most 1,000 items."
    )
}
