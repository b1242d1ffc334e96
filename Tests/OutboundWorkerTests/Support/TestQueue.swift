import InternalAPI
import Shared

@testable import OutboundWorker

/// A messaging-service that tests fill, stop and break.
actor TestQueue: DeliveryQueue {
    private var due: [MessagingAPI.Lease] = []
    private var questions: [MessagingAPI.LookUp] = []
    private var waiter: CheckedContinuation<Void, Never>?
    /// What `leaseFailures` calls throw, and the others too.
    private let failure = Problem.unavailable
    private var leaseFailures = 0
    private var reportFailures = 0
    private var recoverFailures = 0
    private var applyFailures = 0
    /// An end of this message is refused, together with all that come with it.
    private var poison: MessageID?
    private var generosity = 0
    private var wantsRestart = false
    private var ahead: Duration?
    let reportGate: Gate
    private var files: [AttachmentFile]?
    /// The attempts whose files were asked for, in order.
    private(set) var fetches: [MessagingAPI.AttemptKey] = []

    /// The lease calls, in order.
    private(set) var requests: [MessagingAPI.LeaseRequest] = []
    private(set) var cancelledLeases = 0
    private(set) var told: [MessagingAPI.OutcomeRequest] = []
    private(set) var recoveries: [MessagingAPI.RecoveryRequest] = []
    /// The calls that tell something and succeeded, in order: `report`, `recover`, `lease`.
    private(set) var calls: [String] = []
    private(set) var applied: [MessagingAPI.AccountReport] = []
    private(set) var heartbeats = 0
    private(set) var memories: [MessagingAPI.Memory?] = []
    private(set) var replays: [MessagingAPI.ReplayRequest] = []
    private var standing: MessagingAPI.Standing?
    private var replayFailures = 0
    private var checks: [MessagingAPI.CheckQuestion] = []
    private var tellFailures = 0
    private(set) var checked: [MessagingAPI.CheckFinding] = []
    /// How many checks each heartbeat had room for.
    private(set) var rooms: [Int?] = []

    init(reportGate: Gate = Gate(isOpen: true)) {
        self.reportGate = reportGate
    }

    /// The slots of each lease call, in order.
    var asked: [Int] { self.requests.map(\.slots) }
    var reported: [MessagingAPI.AttemptOutcome] { self.told.flatMap(\.outcomes) }
    var unused: [MessagingAPI.AttemptKey] { self.told.flatMap(\.unused) }
    var findings: [MessagingAPI.LookUpFinding] { self.told.flatMap(\.findings) }

    func offer(_ leases: [MessagingAPI.Lease], lookUps: [MessagingAPI.LookUp] = []) {
        self.due += leases
        self.questions += lookUps
        self.waiter.take()?.resume()
    }

    func failNext(leases: Int = 0, reports: Int = 0, recoveries: Int = 0, applies: Int = 0) {
        (self.leaseFailures, self.reportFailures) = (leases, reports)
        (self.recoverFailures, self.applyFailures) = (recoveries, applies)
    }

    func refuse(_ message: MessageID) { self.poison = message }

    /// Answers with more leases than are asked for.
    func giveTooMany(_ count: Int) { self.generosity = count }

    func wantRestart() { self.wantsRestart = true }
    func setClock(ahead: Duration) { self.ahead = ahead }

    func lease(_ request: MessagingAPI.LeaseRequest) async throws -> MessagingAPI.LeaseAnswer {
        self.requests.append(request)
        self.calls.append("lease")
        if self.leaseFailures > 0 {
            self.leaseFailures -= 1
            throw self.failure
        }
        if self.due.isEmpty, self.questions.isEmpty { await self.waitForOffer() }
        if Task.isCancelled {
            self.cancelledLeases += 1
            throw CancellationError()
        }
        let leases = Array(self.due.prefix(max(request.slots, request.urgentSlots) + self.generosity))
        self.due.removeFirst(leases.count)
        defer { self.questions = [] }
        return .init(leases: leases, lookUps: self.questions, accounts: [.test, .withoutProvider])
    }

    func attachments(of attempt: MessagingAPI.AttemptKey) async throws -> [AttachmentFile] {
        self.fetches.append(attempt)
        if let files = self.files { return files }
        throw self.failure
    }

    /// What is got of every message; nil when nothing can be.
    func give(_ files: [AttachmentFile]?) { self.files = files }

    func report(_ told: MessagingAPI.OutcomeRequest) async throws {
        await self.reportGate.pass()
        if self.reportFailures > 0 {
            self.reportFailures -= 1
            throw self.failure
        }
        let messages = told.outcomes.map(\.reference.messageID) + told.unused.map(\.reference.messageID)
        if let poison, messages.contains(poison) {
            throw Problem(code: "validation-failed", status: 422, title: "It can not be read.")
        }
        self.told.append(told)
        self.calls.append("report")
    }

    func recover(_ request: MessagingAPI.RecoveryRequest) async throws {
        if self.recoverFailures > 0 {
            self.recoverFailures -= 1
            throw self.failure
        }
        self.recoveries.append(request)
        self.calls.append("recover")
    }

    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> MessagingAPI.ReportAnswer {
        if self.applyFailures > 0 {
            self.applyFailures -= 1
            throw self.failure
        }
        self.applied += reports
        return MessagingAPI.ReportAnswer(effects: reports.map { _ in .applied })
    }

    func heartbeat(_ beat: MessagingAPI.HeartbeatRequest) async throws -> MessagingAPI.HeartbeatAnswer {
        self.heartbeats += 1
        self.memories.append(beat.memory)
        let checks = Array(self.checks.prefix(beat.checks ?? 0))
        self.checks.removeFirst(checks.count)
        self.rooms.append(beat.checks)
        return .init(
            restart: self.wantsRestart,
            standing: self.standing,
            checks: checks,
            now: self.ahead.map { Timestamp.now + $0 }
        )
    }

    func replay(_ request: MessagingAPI.ReplayRequest) async throws {
        if self.replayFailures > 0 {
            self.replayFailures -= 1
            throw self.failure
        }
        self.replays.append(request)
        self.calls.append("replay")
    }

    func tell(_ findings: [MessagingAPI.CheckFinding]) async throws {
        if self.tellFailures > 0 {
            self.tellFailures -= 1
            throw self.failure
        }
        self.checked += findings
    }

    /// Hands these out with the next heartbeat that has room for them, and breaks the first answers to what is told.
    func ask(_ questions: [MessagingAPI.CheckQuestion], failures: Int = 0) {
        self.checks += questions
        self.tellFailures = failures
    }

    /// Becomes a database of this epoch; nil of a release that knows none.
    func become(_ standing: MessagingAPI.Standing?) { self.standing = standing }

    func failNext(replays: Int) { self.replayFailures = replays }

    private func waitForOffer() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled { return continuation.resume() }
                self.waiter = continuation
            }
        } onCancel: {
            Task { await self.offer([]) }
        }
    }
}
