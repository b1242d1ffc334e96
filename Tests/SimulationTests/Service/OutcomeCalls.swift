import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// What workers tell: `POST /internal/outcomes` and `/internal/workers/recover`.
extension Service {
    func outcomes(_ told: MessagingAPI.OutcomeRequest, _ reply: @escaping Reply<Void>) {
        let unused = told.unused.map { AttemptEvent($0, unused: .givenBack, because: .simulated) }
        var events = told.outcomes.map { AttemptEvent($0, by: told.worker) } + unused
        if self.world.has(.lateOutcomeDropped) {
            events.removeAll { self.database.tables.rows[$0.key.id.index]?.epoch ?? 0 > $0.reference.number }
        }
        guard !self.world.has(.acknowledgedBeforeCommit) else {
            reply(.success(()))
            _ = try? self.settle(events, .settle)
            return
        }
        do {
            try self.settle(events, .settle)
            guard !told.findings.isEmpty else { return reply(.success(())) }
            self.later(0...10) { [unowned self] in self.findings(told.findings, reply) }
        } catch {
            reply(.failure(.unavailable))
        }
    }

    /// `LookUpFindings`: each answer in a transaction of its own, and then all that they settle.
    private func findings(_ findings: [MessagingAPI.LookUpFinding], _ reply: @escaping Reply<Void>) {
        let enough = self.world.has(.absenceBelieved) ? 1 : LookUpFindings.checks
        var events: [AttemptEvent] = []
        do {
            for finding in findings {
                var id: String?
                if case .candidates(let ids) = finding.answer {
                    id = try self.database.read { $0.unclaimed(ids, of: finding.attempt) }
                }
                if let id {
                    events.append(finding.event(DeliveryEvent(.sent, providerMessageID: id)))
                    continue
                }
                let count = if case .unanswered = finding.answer { 0 } else { 1 }
                let isEnough = try self.database.transaction(.findings) { tables in
                    tables.count(count, finding, enough: enough, now: self.world.now)
                }
                guard count > 0, isEnough else { continue }
                events.append(finding.event(DeliveryEvent(.failed(.transient, retryAfter: nil), error: .simulated)))
            }
        } catch {
            return reply(.failure(.unavailable))
        }
        self.later(0...10) { [unowned self] in
            do {
                try self.settle(events, .findings)
                reply(.success(()))
            } catch {
                reply(.failure(.unavailable))
            }
        }
    }

    /// `RecoverWorker`.
    func recover(_ request: MessagingAPI.RecoveryRequest, of worker: Int, _ reply: @escaping Reply<Void>) {
        do {
            let isLatest = try self.database.transaction(.beat) { tables in
                tables.beat(worker, request.worker.incarnation, call: 0, now: self.world.now)
            }
            guard isLatest else { return reply(.failure(.superseded)) }
            let attempts = try self.database.read { $0.attempts { self.concerns(request, $0) } }
            let uncertain = Set(request.uncertain)
            let events = attempts.map { attempt in
                request.journal == .intact && !uncertain.contains(attempt) && !self.world.has(.heldIsBegun)
                    ? AttemptEvent(attempt, unused: .recovery, because: .simulated)
                    : AttemptEvent(attempt, uncertain: .recovery, because: .simulated)
            }
            self.later(0...20) { [unowned self] in
                do {
                    try self.settle(events, .settle)
                    reply(.success(()))
                } catch {
                    reply(.failure(.unavailable))
                }
            }
        } catch {
            reply(.failure(.unavailable))
        }
    }
}

extension Service {
    /// Whether an earlier life of the worker holds it, or held it when nobody heard of it any more.
    ///
    /// Without its journal too: what no journal tells of must not be taken for what a later one is silent about.
    private func concerns(_ request: MessagingAPI.RecoveryRequest, _ row: QueueRow) -> Bool {
        guard let holder = row.lease?.worker ?? row.heldBy, holder.name == request.worker.name else { return false }
        let isForgotten = self.world.has(.lostLifeForgotten) && request.journal == .lost && row.state != .leased
        return holder.incarnation != request.worker.incarnation && !isForgotten
    }
}

extension MessagingAPI.LookUpFinding {
    fileprivate func event(_ event: DeliveryEvent) -> AttemptEvent {
        AttemptEvent(orgID: self.attempt.orgID, reference: self.attempt.reference, event: event, source: .lookUp)
    }
}
