package import Foundation

/// Processes that belong together, with a supervisor as a deployment has one.
///
/// One that dies is started again at once, with the same command, and all end together.
package actor ProcessGroup {
    private struct Member {
        let command: Command
        var child: Child?
        var killedAt: ContinuousClock.Instant?
        /// What the next life alone is started with.
        var nextLife: ShortLife?
        /// The life that runs now, when it was started so.
        var shortLife: ShortLife?
    }

    /// One life of a process that has settings of its own.
    private struct ShortLife {
        let settings: [String: String]
        let end: Latch<LifeEnd>
    }

    /// How a life with settings of its own ended.
    package enum LifeEnd: Sendable, Equatable {
        /// By SIGKILL that nobody here sent: a fault point was reached.
        case byItself
        /// By somebody here, before.
        case byOthers
    }

    /// Before one that ended by itself is started again, so that a broken one does not eat the machine.
    private static let pauseAfterFault: Duration = .milliseconds(300)

    private var members: [String: Member] = [:]
    private var watchers: [Task<Void, Never>] = []
    private var isOver = false
    /// Processes that ended without having been killed: each is a fault of its program.
    package private(set) var faults: [String] = []
    /// The longest time from a SIGKILL to the start of the next process.
    package private(set) var slowestRestart: Duration = .zero

    /// Starts a program, and starts it again whenever it ends.
    package func start(_ name: String, _ command: Command) async throws {
        self.members[name] = Member(command: command)
        try await self.launch(name)
    }

    /// Kills a process and returns when it is gone; its successor starts at once.
    package func kill(_ name: String) async {
        guard let child = self.members[name]?.child else { return }
        self.members[name]?.killedAt = .now
        await child.kill()
    }

    /// Kills a process, and starts it with more settings, for this one life.
    ///
    /// A life that ends by SIGKILL of its own is no fault.
    ///
    /// - Returns: how that life ends; nil when there is no such process.
    package func relive(_ name: String, with settings: [String: String]) async -> Latch<LifeEnd>? {
        guard self.members[name]?.child != nil else { return nil }
        let life = ShortLife(settings: settings, end: Latch())
        self.members[name]?.nextLife = life
        await self.kill(name)
        return life.end
    }

    /// Ends a process as a deployment does, with SIGTERM; its successor starts as soon as it is gone.
    ///
    /// - Returns: how long it took to end.
    package func restart(_ name: String) async -> Duration {
        guard let child = self.members[name]?.child else { return .zero }
        let start = ContinuousClock.now
        self.members[name]?.killedAt = start
        child.send(SIGTERM)
        _ = await child.end.value()
        return start.duration(to: .now)
    }

    /// Kills a process for good.
    ///
    /// - Returns: how it was started, for who wants it back.
    @discardableResult
    package func remove(_ name: String) async -> Command? {
        let member = self.members.removeValue(forKey: name)
        await member?.child?.kill()
        return member?.command
    }

    /// Where a process listens, as its settings say.
    package func port(of name: String) -> Int? {
        self.members[name]?.command.environment["HTTP_PORT"].flatMap { Int($0) }
    }

    /// Those that run now, by their names.
    package var pids: [String: pid_t] { self.members.compactMapValues { $0.child?.pid } }

    /// Sends a signal that does not end the process.
    package func signal(_ name: String, _ signal: Int32) {
        self.members[name]?.child?.send(signal)
    }

    /// Kills all of them, and returns when none is left.
    package func end() async {
        self.isOver = true
        for member in self.members.values { member.child?.send(SIGKILL) }
        // A watcher ends when its process has ended, one that starts a process at this moment when it has killed that.
        while let watcher = self.watchers.popLast() { await watcher.value }
    }

    private func launch(_ name: String) async throws {
        guard let started = self.members[name] else { return }
        let life = started.nextLife
        self.members[name]?.nextLife = nil
        let child = try await Child.start(started.command.with(life?.settings ?? [:]))
        // Meanwhile the group may have ended, or the member may have been removed.
        guard !self.isOver, let member = self.members[name], member.child == nil else { return await child.kill() }
        if let killedAt = member.killedAt {
            self.slowestRestart = max(self.slowestRestart, killedAt.duration(to: .now))
        }
        self.members[name]?.child = child
        self.members[name]?.killedAt = nil
        self.members[name]?.shortLife = life
        self.watchers.append(Task { await self.watch(name, child) })
    }

    private func watch(_ name: String, _ child: Child) async {
        let end = await child.end.value()
        guard !self.isOver, let member = self.members[name], member.child === child else { return }
        self.members[name]?.child = nil
        let endedItself = member.shortLife != nil && member.killedAt == nil && end.signal == SIGKILL
        member.shortLife?.end.open(endedItself ? .byItself : .byOthers)
        do {
            if member.killedAt == nil, !endedItself {
                self.faults.append("\(name) \(end)")
                try await pause(Self.pauseAfterFault)
            }
            try await self.launch(name)
        } catch {
            self.faults.append("\(name) was not started again: \(error)")
        }
    }
}

/// Runs `body` with a group of processes that ends when `body` does, however that is.
package func withProcesses<Value: Sendable>(_ body: (ProcessGroup) async throws -> Value) async throws -> Value {
    let processes = ProcessGroup()
    do {
        let value = try await body(processes)
        await processes.end()
        return value
    } catch {
        await processes.end()
        throw error
    }
}
