import Foundation
import Installation
import ProviderStub
import Shared
import TestClient

/// An installation that runs, and everything that is done to it.
struct Stage: Sendable {
    /// What a run may go on beyond its time to reach the last fault points.
    private static let overtime: Duration = .seconds(45)
    /// Of each organization.
    private static let writesPerSecond = 6.0
    private static let conversations = 40

    let settings: ChaosSettings
    let herald: Installation
    let network: FaultyNetwork
    let server: PrivatePostgres
    let disk: FullDisk?
    let postgres: PostgresFaults
    let record = FaultRecord()
    let ledger = ClientLedger()

    func play() async throws -> ChaosReport {
        self.herald.stub.callbacks.update { $0.givesUp = false }
        var tenants: [Tenant] = []
        for number in 1...ChaosSettings.organizations { tenants.append(try await Tenant.make(number, in: self.herald)) }
        let creates = CreateTraffic(tenants: tenants, rate: self.settings.createsPerSecond, ledger: self.ledger)
        let writers = tenants.map { tenant in
            let traffic = InboundTraffic(self.herald, number: tenant.whatsAppNumber, conversations: Self.conversations)
            return Writer(tenant: tenant.number, traffic: traffic, rate: Self.writesPerSecond)
        }
        let beats = try await self.playFaults(while: creates, and: writers)
        let drained = try await self.drain(tenants)
        var evidence = try await GatherEvidence(herald: self.herald, postgres: self.server, tenants: tenants)()
        evidence.drained = drained
        evidence.acknowledged = self.ledger.acknowledged.elements
        evidence.changed = self.ledger.changed.elements
        evidence.oddAnswers = creates.odd + writers.flatMap(\.odd)
        for writer in writers {
            let texts = writer.traffic.expected(after: beats[writer.tenant] ?? 0)
            evidence.written[writer.tenant] = texts.filter { !$0.value.isEmpty }.mapValues { $0.sorted() }
        }
        evidence.excesses = ProcessCaps.excesses(of: await self.herald.processes.pids)
        evidence.damages = try await FindDamages(herald: self.herald, postgres: self.server, tenants: tenants)()
        return ChaosReport(
            settings: self.settings,
            record: self.record,
            evidence: evidence,
            clients: "\(creates.deferred) times deferred, \(creates.unreachable) unreachable",
            skipped: self.skipped
        )
    }

    private var skipped: [String] {
        var skipped = ["events pushed to organizations (I12): Herald has none yet"]
        if self.disk == nil { skipped.append("a full disk: this process may not mount one") }
        if !self.settings.hasFaultPoints { skipped.append("wrong clocks: a debug build has them") }
        if !self.server.canBeChecked { skipped.append("damaged tables (I15): pg_amcheck is not installed") }
        return skipped
    }

    /// Plays all lanes while clients go on, then heals; returns when every client has been answered.
    ///
    /// - Returns: how much the customers of each organization wrote.
    private func playFaults(while creates: CreateTraffic, and writers: [Writer]) async throws -> [Int: Int] {
        let over = Latch<Bool>()
        return try await withThrowingTaskGroup(of: (tenant: Int, beats: Int)?.self) { tasks in
            tasks.addTask {
                try await creates.run { !over.isOpen }
                return nil
            }
            for writer in writers {
                tasks.addTask { (writer.tenant, try await writer.run { !over.isOpen }) }
            }
            tasks.addTask {
                try await self.playLanes()
                try await self.heal()
                over.open(true)
                return nil
            }
            return try await tasks.reduce(into: [:]) { counts, writer in
                if let writer { counts[writer.tenant] = writer.beats }
            }
        }
    }

    private func playLanes() async throws {
        let schedule = Schedule(
            seed: self.settings.seed,
            duration: self.settings.duration,
            workers: ChaosSettings.workers,
            without: Set((self.disk == nil ? [.disk] : []) + (self.settings.hasFaultPoints ? [] : [.clock])),
            rounds: self.settings.rounds
        )
        let inject = InjectFault(
            herald: self.herald,
            network: self.network,
            postgres: self.postgres,
            disk: self.disk,
            record: self.record
        )
        let reach = ReachFaultPoints(
            herald: self.herald,
            workers: Targets(workers: ChaosSettings.workers).workers,
            record: self.record,
            seed: self.settings.seed
        )
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask {
                try await PlaySchedule(inject: inject)(schedule)
                return false
            }
            tasks.addTask {
                try await reach(schedule.points)
                return false
            }
            tasks.addTask {
                try? await pause(self.settings.duration + Self.overtime)
                return true
            }
            // Both, or the time is over.
            for _ in 0..<2 where try await tasks.next() == true { break }
            tasks.cancelAll()
            while let _ = try? await tasks.next() {}
        }
        try Task.checkCancellation()
    }

    /// Ends every fault that may still be there.
    private func heal() async throws {
        self.network.healAll()
        self.herald.stub.behaviours.removeAll()
        self.herald.stub.callbacks.play(.early)
        self.disk?.free()
        try await self.postgres.comeBack()
        for name in await self.herald.processes.pids.keys { await self.herald.processes.signal(name, SIGCONT) }
    }

    /// Waits until nothing moves any more.
    ///
    /// - Returns: how long it took; nil when that was longer than the backlog can explain.
    private func drain(_ tenants: [Tenant]) async throws -> Duration? {
        var backlog = 0
        for tenant in tenants { backlog += (try? await tenant.api.unfinished()) ?? 0 }
        let limit =
            Duration.seconds(self.settings.uncertainHold + 60)
            + .seconds(1.5 * Double(backlog) / self.settings.createsPerSecond)
        let start = ContinuousClock.now
        for tenant in tenants {
            guard try await tenant.api.drain(within: limit) != nil else { return nil }
        }
        let inbox = GatherEvidence(herald: self.herald, postgres: self.server, tenants: tenants)
        let isQuiet = try await timeUntil(.seconds(90), every: .milliseconds(250)) {
            let waiting = try await inbox.waiting()
            return self.herald.stub.stats.callbacksPending == 0 && waiting == 0
        }
        return isQuiet.map { _ in start.duration(to: .now) }
    }
}
