import InternalAPI
import Shared
import Synchronization
import TestSupport
import Testing

@testable import OutboundWorker

/// What stands in the journal at each moment of an attempt's life.
@Suite(.timeLimit(.minutes(5))) struct JournaledAttemptTests {
    @Test func theIntentIsWrittenBeforeTheProviderIsCalled() async throws {
        let storage = MemoryJournal()
        let seen = Mutex<[[MessagingAPI.AttemptKey]]>([])
        let provider = TestProvider { _ in
            let uncertain = storage.replay.uncertain
            seen.withLock { $0.append(uncertain) }
        }
        let worker = try Worker(slots: 1, provider: provider, storage: storage)
        let leases = (0..<3).map { _ in MessagingAPI.Lease.test() }
        await worker.queue.offer(leases)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 3 }
        }
        #expect(seen.withLock { $0 } == leases.map { [$0.key] })
    }

    @Test func theOutcomeIsWrittenBeforeItIsTold() async throws {
        let queue = TestQueue(reportGate: Gate(isOpen: false))
        let worker = try Worker(queue: queue)
        let lease = MessagingAPI.Lease.test()
        await queue.offer([lease])
        try await withServices([worker.dispatcher]) {
            try await eventually { !worker.storage.replay.outcomes.isEmpty }
            #expect(await queue.reported.isEmpty)
            #expect(worker.storage.replay.outcomes.map(\.key) == [lease.key])
            #expect(worker.storage.replay.uncertain.isEmpty)
            await queue.reportGate.open()
            try await eventually { worker.storage.replay.outcomes.isEmpty }
        }
        #expect(await queue.reported.map(\.key) == [lease.key])
    }

    @Test func anOutcomeWithoutAProviderIsJournaledToo() async throws {
        let queue = TestQueue(reportGate: Gate(isOpen: false))
        let worker = try Worker(queue: queue)
        await queue.offer([.test(account: MessagingAPI.LeasedAccount.withoutProvider.id)])
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.storage.replay.outcomes.map(\.outcome.errorCode) == ["no-provider"] }
            await queue.reportGate.open()
        }
    }

    @Test func aRefusedOutcomeStaysForTheNextLife() async throws {
        let worker = try Worker()
        let leases = (0..<4).map { _ in MessagingAPI.Lease.test() }
        await worker.queue.refuse(leases[2].reference.messageID)
        await worker.queue.offer(leases)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 3 }
        }
        #expect(worker.storage.replay.outcomes.map(\.key) == [leases[2].key])
    }

    @Test func withoutRoomForTheIntentNothingIsSentAndNothingMoreIsLeased() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        // Of several, those that end later would be told after a pause, which lasts until the clock is moved.
        let lease = MessagingAPI.Lease.test()
        worker.storage.limit(to: 0)
        await worker.queue.offer([lease])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.unused.count == 1 }
            try await eventually { clock.sleeps == [Pace.calm, Pace.calmTelling] }
            clock.advance(by: Pace.calmTelling)
            try await eventually { clock.sleeps.contains { $0 > Pace.calm } }
            #expect(await worker.queue.asked.count == 1)

            worker.storage.limit(to: .max)
            await worker.queue.offer([.test()])
            try await eventually {
                clock.advance(by: .seconds(1))
                return await worker.queue.reported.count == 1
            }
            clock.runFreely()
        }
        #expect(await worker.queue.unused == [lease.key])
        #expect(worker.provider.counts.sent.count == 1)
    }

    @Test func anOutcomeThatCanNotBeWrittenIsToldFromMemory() async throws {
        let worker = try Worker(provider: TestProvider(gate: Gate(isOpen: false)))
        let lease = MessagingAPI.Lease.test()
        await worker.queue.offer([lease])
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.inFlight == 1 }
            worker.storage.limit(to: 0)
            await worker.provider.gate.open()
            try await eventually { await worker.queue.reported.count == 1 }
            // To the next life it would be uncertain, which messaging-service knows better.
            #expect(worker.storage.replay.uncertain == [lease.key])
            worker.storage.limit(to: .max)
        }
        #expect(await worker.queue.reported.map(\.key) == [lease.key])
    }

    @Test func whatAKilledWorkerLeavesIsWhatItHeld() async throws {
        let worker = try Worker(slots: 4, provider: TestProvider(gate: Gate(isOpen: false)))
        let leases = (0..<4).map { _ in MessagingAPI.Lease.test() }
        await worker.queue.offer(leases)
        let running = Task { await worker.dispatcher.run() }
        try await eventually { worker.provider.counts.inFlight == 4 }
        // As SIGKILL in this moment.
        let replay = worker.storage.replay
        #expect(replay.condition == .intact)
        #expect(Set(replay.uncertain) == Set(leases.map(\.key)))
        running.cancel()
        await worker.provider.gate.open()
        await running.value
    }
}
