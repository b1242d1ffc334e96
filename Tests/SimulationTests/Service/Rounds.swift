import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// What is done again and again: `Maintenance`, and the places that `ProbeDueWork` gives.
extension Service {
    /// Plans the next round for when there may be something to do: a second after the last one at the earliest.
    func planRound() {
        let now = self.world.now
        guard let due = self.database.tables.nextRound(after: now) else { return }
        let time = max(due, self.roundedAt + .seconds(1), now)
        if let roundAt, roundAt <= time { return }
        self.roundAt = time
        self.at(time) { [unowned self] in
            guard self.roundAt == time else { return }
            self.round()
        }
    }

    private func round() {
        self.roundAt = nil
        self.roundedAt = self.world.now
        self.database.noteBeats()
        self.endLeases()
        self.sweep(.place, { $0.state == .scheduled && $0.dueAt <= $1 }, { $0.place(now: $1) })
        self.sweep(.release, { $0.isReleasable(at: $1) }, { $0.release(now: $1) })
        self.sweep(.expire, { $0.isOver(at: $1) }, { $0.expire(now: $1) })
        self.planRound()
    }

    /// `EndLeases`.
    private func endLeases() {
        let now = self.world.now
        let silentSince = self.couldHear() ? now - EndLeases.silence : nil
        guard
            let ended = try? self.database.read({ $0.endedLeases(now: now, silentSince: silentSince) })
        else { return self.couldNotHear() }
        guard !ended.isEmpty else { return }
        for end in ended { self.world.see(end.isOver ? .leaseEnd : .silence) }
        for end in ended where !end.isOver { self.world.truth.checkSilence(of: end.worker) }
        self.later(0...300) { [unowned self] in
            let events = ended.map { end in
                end.isOver
                    ? AttemptEvent(end.attempt, uncertain: .leaseEnd, because: .simulated)
                    : self.world.has(.silenceIsUnused)
                        ? AttemptEvent(end.attempt, unused: .crash, because: .simulated)
                        : AttemptEvent(end.attempt, uncertain: .crash, because: .simulated)
            }
            _ = try? self.settle(events, .settle)
        }
    }

    /// `SweepQueue`: finds messages, and changes them under their locks a little later.
    private func sweep(
        _ cause: Cause,
        _ isMeant: (QueueRow, Timestamp) -> Bool,
        _ change: @escaping (inout Settlement, Timestamp) -> Void
    ) {
        let now = self.world.now
        let keys = try? self.database.read { tables in
            tables.rows.compactMap { row in row.flatMap { isMeant($0, now) ? $0.key : nil } }
        }
        guard let keys, !keys.isEmpty else { return }
        self.later(0...200) { [unowned self] in
            _ = try? self.database.transaction(cause) { tables in
                var locked = tables.lock(keys, now: self.world.now)
                for key in keys {
                    guard var settlement = locked.settlements[key] else { continue }
                    change(&settlement, self.world.now)
                    locked.settlements[key] = settlement
                }
                tables.save(locked, self.saving)
                self.world.note("sweep \(cause): \(keys.map(\.id.index))")
            }
        }
    }
}

extension QueueRow {
    fileprivate func isReleasable(at now: Timestamp) -> Bool {
        self.state == .uncertain && (self.holdUntil.map { $0 <= now } ?? false)
    }

    fileprivate func isOver(at now: Timestamp) -> Bool {
        guard let expiresAt = self.expiresAt, expiresAt <= now else { return false }
        return self.state == .scheduled || self.state == .waiting || self.state == .ready
    }
}

/// A lease that is over, or whose worker is not heard of.
struct EndedLease {
    let attempt: MessagingAPI.AttemptKey
    let worker: String
    /// Whether its time was over, and not its worker silent.
    let isOver: Bool
}

extension Tables {
    fileprivate func endedLeases(now: Timestamp, silentSince: Timestamp?) -> [EndedLease] {
        self.leased { lease in
            if lease.leaseUntil < now { return true }
            guard let worker = self.workers[WorkerProcess.index(of: lease.worker.name)] else { return true }
            return silentSince.map { worker.beatAt < $0 } ?? false
        }.compactMap { attempt in
            guard let lease = self.rows[attempt.reference.messageID.index]?.lease else { return nil }
            return EndedLease(attempt: attempt, worker: lease.worker.name, isOver: lease.leaseUntil < now)
        }
    }

    /// When there is something to do, as far as is known; leases are looked after all the time.
    fileprivate func nextRound(after now: Timestamp) -> Timestamp? {
        var times: [Timestamp] = []
        for case .some(let row) in self.rows {
            switch row.state {
            case .scheduled: times.append(row.dueAt)
            case .leased: times.append(now + .seconds(2))
            case .uncertain: times.append(row.holdUntil ?? row.dueAt)
            case .waiting, .ready, .held: break
            }
            if let expiresAt = row.expiresAt, row.state != .leased, row.state != .uncertain, row.state != .held {
                times.append(expiresAt)
            }
        }
        return times.min()
    }
}
