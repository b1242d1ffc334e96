import InternalAPI
import Shared

@testable import OutboundWorker

/// A messaging-service that tests fill, stop and break.
actor TestQueue: DeliveryQueue {
    private var due: [MessagingAPI.Lease] = []
    private var waiter: CheckedContinuation<Void, Never>?
    /// What `leaseFailures` calls throw, and `reportFailures` and `applyFailures` too.
    private let failure = Problem.unavailable
    private var leaseFailures = 0
    private var reportFailures = 0
    private var applyFailures = 0
    /// An outcome of this message is refused, together with all that come with it.
    private var poison: MessageID?
    private var generosity = 0
    let reportGate: Gate

    /// The slots of each lease call, in order.
    private(set) var asked: [Int] = []
    private(set) var cancelledLeases = 0
    private(set) var reported: [MessagingAPI.AttemptOutcome] = []
    private(set) var applied: [MessagingAPI.AccountReport] = []
    private(set) var heartbeats = 0

    init(reportGate: Gate = Gate(isOpen: true)) {
        self.reportGate = reportGate
    }

    func offer(_ leases: [MessagingAPI.Lease]) {
        self.due += leases
        self.waiter.take()?.resume()
    }

    func failNext(leases: Int = 0, reports: Int = 0, applies: Int = 0) {
        (self.leaseFailures, self.reportFailures, self.applyFailures) = (leases, reports, applies)
    }

    func refuse(_ message: MessageID) { self.poison = message }

    /// Answers with more leases than are asked for.
    func giveTooMany(_ count: Int) { self.generosity = count }

    func lease(slots: Int, wait: Duration) async throws -> MessagingAPI.LeaseAnswer {
        self.asked.append(slots)
        if self.leaseFailures > 0 {
            self.leaseFailures -= 1
            throw self.failure
        }
        if self.due.isEmpty { await self.waitForOffer() }
        if Task.isCancelled {
            self.cancelledLeases += 1
            throw CancellationError()
        }
        let leases = Array(self.due.prefix(slots + self.generosity))
        self.due.removeFirst(leases.count)
        return .init(leases: leases, accounts: [.test, .withoutProvider])
    }

    func report(_ outcomes: [MessagingAPI.AttemptOutcome]) async throws {
        await self.reportGate.pass()
        if self.reportFailures > 0 {
            self.reportFailures -= 1
            throw self.failure
        }
        if outcomes.contains(where: { $0.reference.messageID == self.poison }) {
            throw Problem(code: "validation-failed", status: 422, title: "It can not be read.")
        }
        self.reported += outcomes
    }

    func apply(_ reports: [MessagingAPI.AccountReport]) async throws {
        if self.applyFailures > 0 {
            self.applyFailures -= 1
            throw self.failure
        }
        self.applied += reports
    }

    func heartbeat() async throws { self.heartbeats += 1 }

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
