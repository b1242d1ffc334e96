import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// A question for work that is waiting.
final class LeaseWaiter {
    let request: MessagingAPI.LeaseRequest
    let worker: Int
    let asked: Timestamp
    let reply: Service.Reply<MessagingAPI.LeaseAnswer>
    var isStirred = false
    /// Counts how often it was looked again: a timer of an earlier wait is over.
    var looks = 0

    init(
        _ request: MessagingAPI.LeaseRequest,
        worker: Int,
        asked: Timestamp,
        reply: @escaping Service.Reply<MessagingAPI.LeaseAnswer>
    ) {
        self.request = request
        self.worker = worker
        self.asked = asked
        self.reply = reply
    }

    var deadline: Timestamp { self.asked + .milliseconds(self.request.waitMilliseconds) }
}

/// `LeaseMessages`: beat, give back what never arrived, and claim.
extension Service {
    func lease(
        _ request: MessagingAPI.LeaseRequest,
        of worker: Int,
        _ reply: @escaping Reply<MessagingAPI.LeaseAnswer>
    ) {
        do {
            let isLatest = try self.database.transaction(.beat) { tables in
                tables.beat(worker, request.worker.incarnation, call: request.call, now: self.world.now)
            }
            guard isLatest else { return reply(.failure(.superseded)) }
            let waiter = LeaseWaiter(request, worker: worker, asked: self.world.now, reply: reply)
            let received = self.world.has(.arrivalIgnored) ? 0 : request.received
            guard received < request.call - 1 else { return self.claim(for: waiter) }
            let lost = try self.database.read { tables in
                tables.leased { lease in
                    lease.worker == request.worker && lease.call > received && lease.call < request.call
                }
            }
            for _ in lost { self.world.see(.answerLost) }
            self.later(0...20) { [unowned self] in
                let events = lost.map { AttemptEvent($0, unused: .givenBack, because: .simulated) }
                do { try self.settle(events, .settle) } catch { return reply(.failure(.unavailable)) }
                self.claim(for: waiter)
            }
        } catch {
            reply(.failure(.unavailable))
        }
    }

    /// Claims, and waits when nothing is due.
    func claim(for waiter: LeaseWaiter) {
        let (worker, call) = (waiter.request.worker, waiter.request.call)
        guard
            self.database.tables.isAlive(waiter.worker, worker.incarnation, call: call, now: self.world.now)
        else { return waiter.reply(.success(.nothing)) }
        guard self.world.has(.lifeReadUnlocked) else { return self.finishClaim(for: waiter) }
        self.later(1...500) { [unowned self] in self.finishClaim(for: waiter) }
    }

    private func finishClaim(for waiter: LeaseWaiter) {
        do {
            let claim = try self.database.transaction(.claim) { tables in self.claim(for: waiter, in: &tables) }
            guard claim.messages.isEmpty, claim.lookUps.isEmpty else {
                let time = self.world.plan.leaseTime + (self.world.now - waiter.asked)
                let leases = claim.messages.map { $0.lease(for: time, fresh: time) }
                return waiter.reply(.success(.init(leases: leases, lookUps: claim.lookUps, accounts: [])))
            }
            guard self.world.now < waiter.deadline else { return waiter.reply(.success(.nothing)) }
            self.wait(waiter, until: claim.nextAt)
        } catch {
            waiter.reply(.failure(.unavailable))
        }
    }

    private func wait(_ waiter: LeaseWaiter, until nextAt: Timestamp?) {
        waiter.isStirred = false
        waiter.looks += 1
        self.waiters.append(waiter)
        let looks = waiter.looks
        let next = [nextAt, self.database.tables.nextDue(after: self.world.now)].compactMap(\.self).min()
        // What is due and may not go is not looked at all the time.
        let time = next.map { max($0, self.world.now + .milliseconds(self.world.random.int(20...800))) }
        self.at(min(time ?? waiter.deadline, waiter.deadline)) { [unowned self] in
            if waiter.looks == looks { self.wake(waiter) }
        }
    }

    func wake(_ waiter: LeaseWaiter) {
        guard let place = self.waiters.firstIndex(where: { $0 === waiter }) else { return }
        self.waiters.remove(at: place)
        self.claim(for: waiter)
    }
}

extension ProviderError {
    static let simulated = ProviderError(code: "simulated", detail: "")
}

extension Tables {
    /// When the next message becomes due.
    fileprivate func nextDue(after now: Timestamp) -> Timestamp? {
        self.rows.lazy.compactMap { row in
            guard let row, row.state == .ready || row.state == .uncertain, row.dueAt > now else { return nil }
            return row.dueAt
        }.min()
    }
}
