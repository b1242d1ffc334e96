import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// messaging-service: its operations, with the gaps between their transactions.
final class Service {
    enum Failure: Error {
        /// It did not answer, or could not ask its database.
        case unavailable
        /// A later life of the worker is known.
        case superseded
    }

    typealias Reply<Answer> = (Result<Answer, Failure>) -> Void

    unowned let world: World
    /// Counts its starts: what an earlier one had begun is not ended.
    private var life = 0
    private(set) var isUp = true
    private(set) var startedAt = World.start
    private var open: [Int: () -> Void] = [:]
    private var nextCall = 0
    private let clockStart = ContinuousClock.now
    private var watch: SilenceWatch
    private var watchedUntil = World.start
    /// Questions for work that wait until something is due.
    var waiters: [LeaseWaiter] = []
    /// When the next round is to be, and when the last one was.
    var roundAt: Timestamp?
    var roundedAt = World.start

    init(world: World) {
        self.world = world
        self.watch = SilenceWatch(startedAt: self.clockStart)
    }

    var database: Database { self.world.database }

    /// Goes on after a while, unless it was started anew meanwhile.
    func later(_ milliseconds: ClosedRange<Int>, _ work: @escaping () -> Void) {
        let life = self.life
        self.world.after(milliseconds) { [unowned self] in
            if self.life == life, self.isUp { work() }
        }
    }

    func at(_ time: Timestamp, _ work: @escaping () -> Void) {
        let life = self.life
        self.world.at(time) { [unowned self] in
            if self.life == life, self.isUp { work() }
        }
    }

    /// Takes a call, and answers it at most once: with a failure when it is started anew first.
    func take<Answer>(_ serve: (@escaping Reply<Answer>) -> Void, _ reply: @escaping Reply<Answer>) {
        guard self.isUp else { return reply(.failure(.unavailable)) }
        self.database.noteBeats()
        let number = self.nextCall
        self.nextCall += 1
        self.open[number] = { reply(.failure(.unavailable)) }
        serve { [unowned self] answer in
            guard self.open.removeValue(forKey: number) != nil else { return }
            reply(answer)
        }
    }

    /// Ends, and is there again after a while.
    func restart(after duration: Duration) {
        self.world.see(.restarted)
        self.database.noteBeats()
        self.isUp = false
        self.life += 1
        self.waiters = []
        self.roundAt = nil
        let broken = self.open.keys.sorted().compactMap { self.open[$0] }
        self.open = [:]
        for fail in broken { fail() }
        let life = self.life
        self.world.at(self.world.now + duration) { [unowned self] in
            if self.life == life { self.start() }
        }
    }

    private func start() {
        self.isUp = true
        self.startedAt = self.world.now
        self.watch = SilenceWatch(startedAt: self.instant(self.world.now))
        self.watchedUntil = self.world.now
        self.planRound()
    }

    func heal() {
        self.database.heal()
        if !self.isUp {
            self.life += 1
            self.start()
        }
        self.stir()
    }

    /// Whether workers could have been heard for long enough; to be asked once a round.
    ///
    /// Rounds in which nothing could be done were left out, and count as if they had been.
    func couldHear() -> Bool {
        var time = max(self.watchedUntil, self.world.now - .seconds(12))
        if time > self.watchedUntil { _ = self.watch.listened(at: self.instant(self.watchedUntil)) }
        while time + .seconds(1) < self.world.now {
            time = time + .seconds(1)
            _ = self.watch.listened(at: self.instant(time))
        }
        self.watchedUntil = self.world.now
        return self.watch.listened(at: self.instant(self.world.now))
    }

    /// Nobody could be heard just now.
    func couldNotHear() { self.watch.interrupt(at: self.instant(self.world.now)) }

    private func instant(_ time: Timestamp) -> ContinuousClock.Instant {
        self.clockStart + .microseconds(time.microseconds - World.start.microseconds)
    }

    /// Something was committed: those who wait look again, and the next round may have to come earlier.
    func stir() {
        guard self.isUp else { return }
        for waiter in self.waiters where !waiter.isStirred {
            waiter.isStirred = true
            self.later(2...60) { [unowned self] in self.wake(waiter) }
        }
        self.planRound()
    }
}

extension Service {
    /// Applies events in one transaction.
    @discardableResult
    func settle(_ events: [AttemptEvent], _ cause: Cause) throws(Database.Unavailable) -> [SettleMessages.Effect] {
        guard !events.isEmpty else { return [] }
        return try self.database.transaction(cause) { tables in self.settle(events, in: &tables) }
    }

    /// The same inside a transaction.
    func settle(_ events: [AttemptEvent], in tables: inout Tables) -> [SettleMessages.Effect] {
        let events = events.map { self.world.has(.noFence) ? $0.fenceless(in: tables) : $0 }
        var locked = tables.lock(Set(events.map(\.key)).sorted(), now: self.world.now)
        var holding = Settlement.Holding(hold: self.world.plan.hold)
        if self.world.has(.absenceBelieved) { holding = .init(hold: self.world.plan.hold, firstCheck: .zero) }
        let (effects, news) = locked.apply(events, holding: holding) { 0.8 + 0.4 * self.world.random.fraction() }
        tables.save(locked, news: news, self.saving)
        self.world.note("settled: \(zip(events, effects).map { "\($0.0.words) -> \($0.1)" }.joined(separator: "; "))")
        return effects
    }

    var saving: Saving {
        var saving = Saving(now: self.world.now, jitter: 1 + 0.2 * self.world.random.fraction())
        if self.world.has(.promotedInAnyOrder) { saving.promoted = self.world.random.below(3) }
        return saving
    }
}

extension AttemptEvent {
    fileprivate func fenceless(in tables: Tables) -> AttemptEvent {
        let index = self.key.id.index
        guard let epoch = tables.rows[index]?.epoch, epoch > 0 else { return self }
        return AttemptEvent(
            orgID: self.orgID,
            reference: AttemptReference(messageID: self.key.id, number: epoch),
            event: self.event,
            source: self.source
        )
    }

    /// What it says, and who says it.
    fileprivate var words: String {
        let speaker =
            switch self.source {
            case .worker(let name, _, _): name
            case .provider, .lookUp, .givenBack, .crash, .recovery, .leaseEnd, .replay: "\(self.source)"
            }
        return "\(self.reference.words) \(self.event.kind) by \(speaker)"
    }
}
