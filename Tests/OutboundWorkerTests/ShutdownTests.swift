import InternalAPI
import ServiceLifecycle
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct ShutdownTests {
    @Test func whatIsHeldIsSentAndReported() async throws {
        let clock = TestClock()
        let worker = try Worker(slots: 4, provider: TestProvider(gate: Gate(isOpen: false)), clock: clock)
        await worker.queue.offer((0..<3).map { _ in .test() })
        try await withThrowingTaskGroup { tasks in
            let group = ServiceGroup(configuration: .init(services: [worker.dispatcher], logger: .quiet))
            tasks.addTask { try await group.run() }
            try await eventually { worker.provider.counts.inFlight == 3 }
            clock.advance(by: Pace.busy)
            try await eventually { await worker.queue.asked.count == 2 }

            await group.triggerGracefulShutdown()
            try await eventually { clock.sleeps == [LeaseCall.lastAnswer] }
            clock.advance(by: LeaseCall.lastAnswer)
            try await eventually { await worker.queue.cancelledLeases == 1 }
            #expect(await worker.queue.reported.isEmpty)

            await worker.provider.gate.open()
            try await tasks.waitForAll()
        }
        #expect(await worker.queue.reported.count == 3)
        #expect(await worker.queue.asked.count == 2)
    }

    @Test func whatWaitsForASlotIsGivenBack() async throws {
        let clock = TestClock()
        let worker = try Worker(slots: 2, clock: clock)
        await worker.queue.offer((0..<2).map { _ in .test() })
        try await withThrowingTaskGroup { tasks in
            let group = ServiceGroup(configuration: .init(services: [worker.dispatcher], logger: .quiet))
            tasks.addTask { try await group.run() }
            try await eventually {
                let counts = worker.provider.counts
                return counts.sent.count == 2 && counts.inFlight == 0
            }
            try await eventually { await !worker.queue.reported.isEmpty }
            try await eventually {
                clock.advance(by: Pace.busy)
                return await worker.queue.asked.count == 2
            }
            // One or both of the first had ended.
            let ahead = await worker.queue.asked[1] - 2
            try #require((1...2).contains(ahead))
            await worker.provider.gate.close()
            await worker.queue.offer((0..<2 + ahead).map { _ in .test() })
            try await eventually { worker.provider.counts.inFlight == 2 }
            await group.triggerGracefulShutdown()
            clock.runFreely()
            try await eventually { await worker.queue.unused.count == ahead }
            await worker.provider.gate.open()
            try await tasks.waitForAll()
        }
        #expect(worker.provider.counts.sent.count == 4)
        #expect(await worker.queue.reported.count == 4)
    }

    @Test func anAnswerInTheMomentOfShutdownIsGivenBack() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        let (lease, lookUp) = (MessagingAPI.Lease.test(), MessagingAPI.LookUp.test())
        try await withThrowingTaskGroup { tasks in
            let group = ServiceGroup(configuration: .init(services: [worker.dispatcher], logger: .quiet))
            tasks.addTask { try await group.run() }
            try await eventually { await worker.queue.asked.count == 1 }
            await group.triggerGracefulShutdown()
            try await eventually { clock.sleeps == [LeaseCall.lastAnswer] }
            await worker.queue.offer([lease], lookUps: [lookUp])
            try await tasks.waitForAll()
        }
        #expect(await worker.queue.unused == [lease.key])
        #expect(await worker.queue.findings == [.stopping(lookUp)])
        #expect(worker.provider.counts.sent.isEmpty && worker.provider.counts.questions == 0)
    }

    @Test func outcomesAreRetriedDuringShutdown() async throws {
        let queue = TestQueue(reportGate: Gate(isOpen: false))
        let worker = try Worker(queue: queue)
        await queue.failNext(reports: 2)
        await queue.offer((0..<3).map { _ in .test() })
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.sent.count == 3 }
            Task { await queue.reportGate.open() }
        }
        #expect(await queue.reported.count == 3)
    }

    @Test func aCancelledWorkerEndsThoughNobodyTakesItsOutcomes() async throws {
        let worker = try Worker()
        await worker.queue.failNext(reports: .max)
        await worker.queue.offer([.test()])
        let running = Task { await worker.dispatcher.run() }
        try await eventually { worker.provider.counts.sent.count == 1 }
        running.cancel()
        await running.value
        #expect(await worker.queue.reported.isEmpty)
        // The next life tells it.
        #expect(worker.storage.replay.outcomes.count == 1)
    }
}
