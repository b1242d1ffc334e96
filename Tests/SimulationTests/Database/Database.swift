import InternalAPI
import Shared

/// The database: transactions come one after the other, and the caller may not hear what became of one.
final class Database {
    /// It is away, the transaction was rolled back, or nobody knows.
    struct Unavailable: Error {}

    private unowned let world: World
    private(set) var tables: Tables
    private(set) var isAwayUntil = World.start

    init(world: World) {
        self.world = world
        self.tables = Tables(plan: world.plan, now: World.start)
    }

    var isThere: Bool { self.isAwayUntil <= self.world.now }

    /// Runs `body` in one transaction.
    ///
    /// - Throws: `Unavailable` also when it was committed and only the answer was lost.
    @discardableResult
    func transaction<Value>(
        _ cause: Cause,
        _ body: (inout Tables) -> Value
    ) throws(Unavailable) -> Value {
        guard self.isThere else { throw Unavailable() }
        let before = self.tables
        let value = body(&self.tables)
        if self.world.strikes(self.world.plan.rates.lostCommit) {
            self.tables = before
            self.world.note("rolled back: \(cause)")
            throw Unavailable()
        }
        if cause != .beat { self.world.truth.committed(cause, before: before, after: self.tables) }
        // A claim leaves nothing for others.
        if cause != .claim, cause != .beat { self.world.service.stir() }
        if cause == .claim { self.world.service.planRound() }
        guard !self.world.strikes(self.world.plan.rates.unknownCommit) else {
            self.world.see(.unknownCommit)
            self.world.note("committed, and nobody hears of it: \(cause)")
            throw Unavailable()
        }
        return value
    }

    /// Reads without a transaction.
    func read<Value>(_ body: (Tables) -> Value) throws(Unavailable) -> Value {
        guard self.isThere else { throw Unavailable() }
        return body(self.tables)
    }

    /// Notes that workers live, whose heartbeats come each second: it is as if they came just now.
    func noteBeats() {
        guard self.isThere, self.world.service.isUp else { return }
        for worker in self.world.workers where worker.isHeard { self.noteBeat(of: worker) }
    }

    func noteBeat(of worker: WorkerProcess) {
        guard self.isThere, self.world.service.isUp else { return }
        _ = self.tables.beat(worker.index, worker.identity.incarnation, call: 0, now: self.world.now)
    }

    /// Goes away, with its tables.
    func lose(for duration: Duration) {
        self.noteBeats()
        self.isAwayUntil = self.world.now + duration
    }

    func heal() {
        self.isAwayUntil = self.world.now
    }
}
