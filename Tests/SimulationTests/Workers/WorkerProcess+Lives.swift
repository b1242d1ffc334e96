import InternalAPI
import OutboundWorker
import Shared

@testable import OutboundWorker

/// Its lives.
extension WorkerProcess {
    func start() {
        guard self.phase == .down, !self.isLost else { return }
        if !self.isDiskFull { self.storage.mend() }
        self.life += 1
        self.startedAt = self.world.now
        let incarnation = max(self.identity.incarnation + 1, (self.world.now + self.skew).microseconds)
        self.identity = .init(name: self.identity.name, incarnation: incarnation)
        self.phase = .recovering
        self.numbers = LeaseNumbers()
        self.suspects = Suspects()
        (self.held, self.ended, self.isReporting, self.isAsking) = (0, [], false, false)
        self.journal = AttemptJournal(
            storage: self.storage,
            owner: self.owner,
            compactionBytes: self.world.plan.compactionBytes
        )
        self.database.noteBeat(of: self)
        self.recover(JournalReplay(of: self.storage.bytes, owner: self.owner))
    }

    func begin() {
        self.phase = .working
        self.ask()
    }

    /// Dies at once, as by SIGKILL.
    func crash() {
        self.crash(startsAfter: self.world.random.milliseconds(100...(self.world.random.chance(0.2) ? 30_000 : 1500)))
    }

    func crash(startsAfter duration: Duration) {
        guard self.phase != .down else { return }
        self.world.note("worker \(self.index) dies")
        self.end()
        self.startLater(after: duration)
    }

    /// Ends when it has told all it has to tell.
    func stop() {
        guard self.phase == .working else { return }
        self.world.note("worker \(self.index) is to stop")
        self.phase = .stopping
        // The supervisor waits for so long, and kills it then.
        self.at(self.world.now + .seconds(25)) { [unowned self] in self.crash() }
        self.endIfStopped()
    }

    func endIfStopped() {
        guard self.phase == .stopping, self.held == 0, self.ended.isEmpty, !self.isReporting, !self.isAsking else {
            return
        }
        self.world.note("worker \(self.index) stopped")
        self.end()
        self.startLater(after: self.world.random.milliseconds(100...5000))
    }

    private func end() {
        if self.isHeard { self.database.noteBeat(of: self) }
        self.world.truth.seeEnd(of: self)
        self.phase = .down
        self.life += 1
        self.frozenUntil = self.world.now
        self.storage.end(after: 0)
        self.storage.fill()
    }

    private func startLater(after duration: Duration) {
        let life = self.life
        self.world.at(self.world.now + duration) { [unowned self] in
            if self.life == life { self.start() }
        }
    }
}

/// What happens to it.
extension WorkerProcess {
    func freeze(for duration: Duration) {
        guard self.phase != .down else { return }
        if self.isHeard { self.database.noteBeat(of: self) }
        self.frozenUntil = self.world.now + duration
    }

    /// Loses messaging-service, and not the providers.
    func cut(for duration: Duration) {
        if self.isHeard { self.database.noteBeat(of: self) }
        self.cutUntil = self.world.now + duration
    }

    /// The machine stops: what was in the journal may not be there any more.
    func loseMachine(startsAfter duration: Duration) {
        self.crash(startsAfter: duration)
        self.boots += 1
        if self.world.random.chance(0.5) { self.storage.lose() }
        self.world.truth.noteLostJournal(of: self.index)
    }

    func fillDisk(for duration: Duration) {
        self.isDiskFull = true
        self.storage.end(after: self.world.random.below(200))
        self.world.at(self.world.now + duration) { [unowned self] in self.clearDisk() }
    }

    private func clearDisk() {
        self.isDiskFull = false
        if self.phase != .down { self.storage.mend() }
    }

    func heal() {
        (self.frozenUntil, self.cutUntil) = (self.world.now, self.world.now)
        self.clearDisk()
        self.start()
    }

    /// Ends for good, with its journal.
    func lose() {
        self.isLost = true
        self.crash()
        self.world.truth.noteLostJournal(of: self.index)
    }
}
