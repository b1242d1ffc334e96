import InternalAPI
import OutboundWorker
import Shared

@testable import OutboundWorker

/// A worker: a process that dies and is started again, with a journal that outlives it.
final class WorkerProcess {
    enum Phase { case down, recovering, working, stopping }

    unowned let world: World
    let index: Int
    let storage = MemoryStorage()
    /// Counts its starts and its ends: what an earlier life had begun is not ended.
    var life = 0
    var phase = Phase.down
    var identity: MessagingAPI.WorkerIdentity
    var boots = 0
    var frozenUntil = World.start
    var cutUntil = World.start
    var isDiskFull = false
    /// Whether it never comes back.
    var isLost = false
    var startedAt = World.start

    // Of one life:
    var journal: AttemptJournal
    var numbers = LeaseNumbers()
    var suspects = Suspects()
    var held = 0
    var ended: [LeaseEnd] = []
    var isReporting = false
    var isAsking = false

    init(index: Int, world: World) {
        self.world = world
        self.index = index
        self.identity = .init(name: "worker-\(index)", incarnation: 0)
        self.journal = AttemptJournal(storage: self.storage, owner: .init(worker: "worker-\(index)", bootID: "0"))
    }

    /// The number of a worker by its name.
    static func index(of name: String) -> Int { Int(name.utf8.last ?? 48) - 48 }

    var database: Database { self.world.database }
    var owner: JournalOwner { JournalOwner(worker: self.identity.name, bootID: "boot-\(self.boots)") }
    var skew: Duration { self.world.plan.skews[self.index] }
    var isFrozen: Bool { self.frozenUntil > self.world.now }
    var isCut: Bool { self.cutUntil > self.world.now }
    /// Whether its heartbeats arrive.
    var isHeard: Bool { self.phase != .down && !self.isFrozen && !self.isCut }
    /// Since when its heartbeats could arrive, given that they do.
    var heardSince: Timestamp {
        max(self.startedAt, self.frozenUntil, self.cutUntil, self.world.service.startedAt, self.database.isAwayUntil)
    }
    /// Whether it has nothing to do and nothing to tell.
    var isIdle: Bool {
        switch self.phase {
        case .down: self.isLost
        case .recovering, .stopping: false
        case .working: self.held == 0 && self.ended.isEmpty && !self.isReporting
        }
    }

    /// Does something a little later, unless it dies first; what stands still does it when it goes on.
    func later(_ milliseconds: ClosedRange<Int>, _ work: @escaping () -> Void) {
        let life = self.life
        self.world.after(milliseconds) { [unowned self] in self.step(life, work) }
    }

    func at(_ time: Timestamp, _ work: @escaping () -> Void) {
        let life = self.life
        self.world.at(time) { [unowned self] in self.step(life, work) }
    }

    /// What does something with an answer a little later, unless the worker that asked is dead by then.
    func whenHeard<Answer>(
        _ milliseconds: ClosedRange<Int>,
        _ work: @escaping (Answer) -> Void
    ) -> (Answer) -> Void {
        let life = self.life
        return { [unowned self] answer in
            self.world.after(milliseconds) { [unowned self] in self.step(life) { work(answer) } }
        }
    }

    private func step(_ life: Int, _ work: @escaping () -> Void) {
        guard life == self.life else { return }
        if self.isFrozen {
            let time = self.frozenUntil + self.world.random.milliseconds(0...20)
            return self.world.at(time) { [unowned self] in self.step(life, work) }
        }
        if self.world.strikes(self.world.plan.rates.crash) { return self.crash() }
        work()
    }

    /// Calls messaging-service; `heard` is called once, unless the worker dies first.
    func call<Answer>(
        _ serve: @escaping (@escaping Service.Reply<Answer>) -> Void,
        _ heard: @escaping Service.Reply<Answer>
    ) {
        self.world.call(isCut: { [unowned self] in self.isCut }, serve, self.whenHeard(0...1, heard))
    }
}
