import Foundation
import HTTPService
import Hummingbird
import InternalAPI
import ServiceLifecycle
import Shared
import TestSupport

/// The worker's side of messaging-service over HTTP: it has one message for the sandbox, and keeps what it is told.
actor MessagingStub {
    static let secret = String(repeating: "service", count: 5)
    static let standing = MessagingAPI.Standing(epoch: UUID(), beats: 1, isFenced: false, restoredTo: nil)

    let lease = MessagingAPI.Lease.test()
    private(set) var leaseRequests: [MessagingAPI.LeaseRequest] = []
    private(set) var outcomes: [MessagingAPI.OutcomeRequest] = []
    private(set) var recoveries: [MessagingAPI.RecoveryRequest] = []
    private(set) var reports: [MessagingAPI.AccountReport] = []
    private(set) var heartbeats: [MessagingAPI.WorkerIdentity] = []
    private(set) var replays: [MessagingAPI.ReplayRequest] = []
    private(set) var callers: Set<ServiceName> = []

    /// A server on a free port, which `port` is told.
    nonisolated func server(port: ServerPort) async throws -> any Service {
        let tokens = try await ServiceTokens(secret: Self.secret)
        let router = makeInternalRouter(tokens: tokens, health: HealthRoutes())
        let routes = router.group(context: ServiceRequestContext.self)
        routes.post("/internal/leases") { request, context in
            let request = try await request.decodeInternal(MessagingAPI.LeaseRequest.self)
            let answer = try await endingAtShutdown { await self.answer(request, from: context.service) }
            return JSONResponse(.ok, answer ?? .nothing)
        }
        routes.post("/internal/outcomes") { request, _ in
            await self.keep(try await request.decodeInternal(MessagingAPI.OutcomeRequest.self))
            return JSONResponse(.ok, MessagingAPI.Accepted())
        }
        routes.post("/internal/heartbeats") { request, _ in
            await self.keep(try await request.decodeInternal(MessagingAPI.HeartbeatRequest.self).worker)
            return JSONResponse(.ok, MessagingAPI.HeartbeatAnswer(restart: false, standing: Self.standing))
        }
        routes.post("/internal/workers/replay") { request, _ in
            await self.keep(try await request.decodeInternal(MessagingAPI.ReplayRequest.self))
            return JSONResponse(.ok, MessagingAPI.Accepted())
        }
        routes.post("/internal/workers/recover") { request, _ in
            await self.keep(try await request.decodeInternal(MessagingAPI.RecoveryRequest.self))
            return JSONResponse(.ok, MessagingAPI.Accepted())
        }
        routes.post("/internal/reports") { request, _ in
            let reports = try await request.decodeInternal(MessagingAPI.ReportRequest.self).reports
            await self.keep(reports)
            return JSONResponse(.ok, MessagingAPI.ReportAnswer(effects: reports.map { _ in .applied }))
        }
        return makeServer(router: router, config: ServerConfig(port: 0), logger: .quiet) { port.set($0) }
    }

    /// Gives the message once, and then lets the worker wait.
    private func answer(_ request: MessagingAPI.LeaseRequest, from service: ServiceName) async
        -> MessagingAPI.LeaseAnswer
    {
        self.callers.insert(service)
        self.leaseRequests.append(request)
        guard self.leaseRequests.count > 1 else {
            let account = MessagingAPI.LeasedAccount(
                id: self.lease.accountID,
                provider: .sandbox,
                credentials: Credentials([:])
            )
            return .init(leases: [self.lease], lookUps: [], accounts: [account])
        }
        try? await ContinuousClock().sleep(for: .milliseconds(request.waitMilliseconds))
        return .nothing
    }

    private func keep(_ request: MessagingAPI.OutcomeRequest) { self.outcomes.append(request) }
    private func keep(_ request: MessagingAPI.RecoveryRequest) { self.recoveries.append(request) }
    private func keep(_ reports: [MessagingAPI.AccountReport]) { self.reports += reports }
    private func keep(_ request: MessagingAPI.ReplayRequest) { self.replays.append(request) }
    private func keep(_ worker: MessagingAPI.WorkerIdentity) { self.heartbeats.append(worker) }
}
