import Shared

/// What happens at once, and not to one step.
enum Trouble: CaseIterable {
    case kill, freeze, cut, stop, loseMachine, fillDisk, restartService, loseDatabase, blockAccount, loseProvider
}

extension World {
    /// Plans what goes wrong at once, and the outage, where the schedule is about one.
    func planTrouble() {
        for _ in 0..<self.plan.rates.events {
            let time = Self.start + self.random.milliseconds(0...Int(self.plan.horizon.milliseconds))
            let trouble = self.random.pick(Trouble.allCases)
            self.at(time) { [unowned self] in if !self.isHealed { self.make(trouble) } }
        }
        guard self.plan.isOutage else { return }
        for account in self.plan.accounts.indices { self.provider.lose(account, for: self.plan.horizon * 0.7) }
    }

    /// Stops a worker in the midst of an attempt, at times.
    func stall(_ worker: WorkerProcess) {
        guard self.strikes(self.plan.rates.stall) else { return }
        let duration = Duration.milliseconds(self.random.pick([3000, 9500, 20_000, 45_000, 90_000]))
        let isFrozen = self.random.chance(0.5)
        self.note("worker \(worker.index) is \(isFrozen ? "frozen" : "cut off") for \(duration.milliseconds) ms")
        if isFrozen { worker.freeze(for: duration) } else { worker.cut(for: duration) }
    }

    private func make(_ trouble: Trouble) {
        let worker = self.workers[self.random.below(self.workers.count)]
        let account = self.random.below(self.plan.accounts.count)
        let duration = Duration.milliseconds(self.random.pick([300, 3000, 9500, 20_000, 45_000]))
        self.note("\(trouble): worker \(worker.index), account \(account), \(duration.milliseconds) ms")
        switch trouble {
        case .kill: worker.crash(startsAfter: duration)
        case .freeze: worker.freeze(for: duration)
        case .cut: worker.cut(for: duration)
        case .stop: worker.stop()
        case .loseMachine: worker.loseMachine(startsAfter: duration)
        case .fillDisk: worker.fillDisk(for: duration)
        case .restartService: self.service.restart(after: min(duration, .seconds(12)))
        case .loseDatabase: self.database.lose(for: min(duration, .seconds(12)))
        case .blockAccount: self.provider.block(account, for: duration)
        case .loseProvider: self.provider.lose(account, for: duration)
        }
    }
}
