import Foundation
import InternalAPI
import Logging
import ServiceLifecycle
import Shared
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct ReportTests {
    @Test func outcomesSurviveFailingReports() async throws {
        let clock = TestClock()
        let worker = try Worker(slots: 16, clock: clock)
        await worker.queue.failNext(reports: 5)
        let leases = (0..<50).map { _ in MessagingAPI.Lease.test() }
        await worker.queue.offer(leases)
        try await withServices([worker.dispatcher]) {
            try await eventually {
                clock.advance(by: .seconds(1))
                return await worker.queue.reported.count >= 50
            }
            clock.runFreely()
        }
        let reported = await worker.queue.reported.map(\.reference)
        #expect(reported.count == 50)
        #expect(Set(reported) == Set(leases.map(\.reference)))
    }

    /// Told by hand: the dispatcher's own slots would decide otherwise.
    private func outcomes(of worker: Worker, _ slots: Slots) -> OutcomeReports {
        OutcomeReports(
            handOver: worker.handOver,
            journal: worker.journal,
            slots: slots,
            suspects: Suspects(),
            logger: .quiet
        )
    }

    @Test func whatEndsSoonAfterACallIsToldTogether() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        let reports = self.outcomes(of: worker, Slots(count: 8))
        async let running: Void = reports.run()
        reports.add(.unused(MessagingAPI.Lease.test().key))
        try await eventually { clock.sleeps == [Pace.calmTelling] }
        for _ in 0..<3 { reports.add(.unused(MessagingAPI.Lease.test().key)) }
        #expect(await worker.queue.unused.count == 1)
        clock.advance(by: Pace.calmTelling)
        try await eventually { await worker.queue.unused.count == 4 }
        #expect(await worker.queue.told.count == 2)
        reports.finish()
        clock.runFreely()
        await running
    }

    @Test func whileSlotsAreShortEachEndIsToldAtOnce() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        let slots = Slots(count: 8)
        slots.hold(6)
        let reports = self.outcomes(of: worker, slots)
        async let running: Void = reports.run()
        for count in 1...2 {
            reports.add(.unused(MessagingAPI.Lease.test().key))
            try await eventually { await worker.queue.unused.count == count }
        }
        #expect(clock.sleeps.isEmpty)
        reports.finish()
        await running
    }

    @Test(arguments: [
        (0, 8, Pace.calm), (Pace.little - 1, 8, Pace.calm), (Pace.little, 8, Pace.busy),
        (1, 5, Pace.calm), (1, 4, Pace.busy), (1, 0, Pace.busy),
    ])
    func callsThatCarryLittleKeepALongerDistance(count: Int, free: Int, pace: Duration) {
        let slots = Slots(count: 8)
        slots.hold(8 - free)
        #expect(Pace.after(count, of: slots) == pace)
    }

    @Test func anOutcomeThatIsRefusedDoesNotHoldBackTheOthers() async throws {
        let worker = try Worker(slots: 16)
        let leases = (0..<40).map { _ in MessagingAPI.Lease.test() }
        await worker.queue.refuse(leases[7].reference.messageID)
        await worker.queue.offer(leases)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 39 }
        }
        let reported = await worker.queue.reported.map(\.reference)
        #expect(!reported.contains(leases[7].reference))
    }

    @Test func heartbeatsGoOnWhileReportsHang() async throws {
        let clock = TestClock()
        let queue = TestQueue(reportGate: Gate(isOpen: false))
        let worker = try Worker(queue: queue, clock: clock)
        let readiness = Readiness(clock: clock)
        let heartbeat = Heartbeat.test(queue, readiness, clock)
        await queue.offer([.test()])
        try await withServices([heartbeat, worker.dispatcher]) {
            try await eventually { worker.provider.counts.sent.count == 1 }
            for beats in 1...5 {
                try await eventually { await queue.heartbeats == beats }
                try await eventually { clock.sleeps.contains { $0 > .milliseconds(500) } }
                clock.advance(by: .seconds(1))
            }
            #expect(readiness.isReady)
            #expect(await queue.reported.isEmpty)
            await queue.reportGate.open()
            clock.runFreely()
        }
        #expect(await queue.reported.count == 1)
    }

    @Test func aRestartThatTheOperatorWantsIsAskedForOnce() async throws {
        let clock = TestClock()
        let queue = TestQueue()
        let restarts = Mutex(0)
        let heartbeat = Heartbeat.test(queue, Readiness(clock: clock), clock) { restarts.withLock { $0 += 1 } }
        try await withServices([heartbeat]) {
            try await eventually { await queue.heartbeats == 1 }
            #expect(restarts.withLock { $0 } == 0)
            await queue.wantRestart()
            for beats in 2...4 {
                try await eventually { !clock.sleeps.isEmpty }
                clock.advance(by: .seconds(1))
                try await eventually { await queue.heartbeats == beats }
            }
            try await eventually { restarts.withLock { $0 } == 1 }
        }
        #expect(restarts.withLock { $0 } == 1)
    }

    @Test func aClockThatIsWrongIsSaidOnce() async throws {
        let clock = TestClock()
        let queue = TestQueue()
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { label in
            JSONLogHandler(label: label) { line in lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
        }
        let said = { lines.withLock { $0.filter { $0.contains("the database's clock is") } } }
        let time = DatabaseTime()
        let heartbeat = Heartbeat.test(queue, Readiness(clock: clock), clock, time: time, logger: logger)
        // A messaging-service of the release before tells no time.
        let times: [Duration?] = [nil, .zero, .seconds(-3010), .seconds(-3010), .seconds(30), .seconds(7300)]
        try await withServices([heartbeat]) {
            for (beats, time) in times.enumerated() {
                try await eventually { await queue.heartbeats == beats + 1 && !clock.sleeps.isEmpty }
                if let time { await queue.setClock(ahead: time) }
                clock.advance(by: .seconds(1))
            }
            try await eventually { await queue.heartbeats == times.count + 1 && !clock.sleeps.isEmpty }
        }
        #expect(said().count == 2)
        #expect(said().first?.contains("50 min behind this machine's") == true)
        #expect(said().last?.contains("2 h ahead of this machine's") == true)
        // What is signed has the time that was told last.
        #expect(abs((time.now - .now) / .seconds(1) - 7300) < 60)
    }

    @Test func aWorkerIsReadyForTenSecondsAfterAnAnswer() {
        let clock = TestClock()
        let readiness = Readiness(clock: clock)
        #expect(!readiness.isReady)
        readiness.succeeded()
        clock.advance(by: .milliseconds(9_999))
        #expect(readiness.isReady)
        clock.advance(by: .milliseconds(1))
        #expect(!readiness.isReady)
    }

    @Test func sandboxReportsAreRetriedAndDeliveredBeforeTheEnd() async throws {
        let queue = TestQueue()
        let followUps = FollowUpReports(queue: queue, clock: ContinuousClock(), logger: .quiet)
        await queue.failNext(applies: 2)
        try await withServices([followUps]) {
            for number in 1...3 { followUps.add(.test(number)) }
        }
        #expect(await queue.applied == (1...3).map { .test($0) })
    }

    @Test func sandboxReportsBeyondTheLimitAreDropped() async throws {
        let queue = TestQueue()
        let followUps = FollowUpReports(queue: queue, clock: ContinuousClock(), logger: .quiet)
        for number in 0...FollowUpReports.waitingLimit { followUps.add(.test(number)) }
        try await withServices([followUps]) {}
        #expect(await queue.applied.count == FollowUpReports.waitingLimit)
        #expect(await queue.applied.last == .test(FollowUpReports.waitingLimit - 1))
    }

    @Test func sandboxReportsAreGivenUpAfterTheirTries() async throws {
        let clock = TestClock()
        let queue = TestQueue()
        let followUps = FollowUpReports(queue: queue, clock: clock, logger: .quiet)
        await queue.failNext(applies: FollowUpReports.tries)
        try await withThrowingTaskGroup { tasks in
            let group = ServiceGroup(configuration: .init(services: [followUps], logger: .quiet))
            tasks.addTask { try await group.run() }
            followUps.add(.test(1))
            for _ in 1..<FollowUpReports.tries {
                try await eventually { !clock.sleeps.isEmpty }
                clock.advance(by: .seconds(1))
            }
            followUps.add(.test(2))
            try await eventually { await !queue.applied.isEmpty }
            await group.triggerGracefulShutdown()
            try await eventually { clock.sleeps == [FollowUpReports.lastNews] }
            clock.advance(by: FollowUpReports.lastNews)
            try await tasks.waitForAll()
        }
        #expect(await queue.applied == [.test(2)])
    }
}

extension Heartbeat {
    fileprivate static func test(
        _ queue: TestQueue,
        _ readiness: Readiness,
        _ clock: TestClock,
        time: DatabaseTime = DatabaseTime(),
        logger: Logger = .quiet,
        restart: @escaping @Sendable () -> Void = {}
    ) -> Heartbeat {
        Heartbeat(
            queue: queue,
            worker: .test,
            readiness: readiness,
            clock: clock,
            time: time,
            logger: logger,
            restart: restart
        )
    }
}

extension MessagingAPI.AccountReport {
    fileprivate static let org = OrgID(UUID())
    fileprivate static let account = AccountID(UUID())

    fileprivate static func test(_ number: Int) -> Self {
        .init(
            orgID: self.org,
            accountID: self.account,
            report: ProviderReport(
                eventKey: "sandbox-\(number)",
                reference: nil,
                providerMessageID: nil,
                status: .delivered,
                occurredAt: nil
            )
        )
    }
}
