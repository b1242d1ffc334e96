import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct DispatcherTests {
    @Test func slotsAreNeverExceeded() async throws {
        let worker = try Worker(slots: 4, provider: TestProvider(gate: Gate(isOpen: false)))
        await worker.queue.offer((0..<20).map { _ in .test() })
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.inFlight == 4 }
            await worker.provider.gate.open()
            try await eventually { await worker.queue.reported.count == 20 }
        }
        #expect(worker.provider.counts.mostInFlight == 4)
        // Twice as many once all have ended at once.
        #expect(await worker.queue.asked.allSatisfy { (0...8).contains($0) })
    }

    @Test func aFreeSlotIsFilledWhileOthersAreBusy() async throws {
        let worker = try Worker(slots: 4, provider: TestProvider(gate: Gate(isOpen: false)))
        try await withServices([worker.dispatcher]) {
            for held in 1...4 {
                await worker.queue.offer([.test()])
                try await eventually { worker.provider.counts.inFlight == held }
            }
            await worker.provider.gate.open()
        }
        #expect(await worker.queue.asked.prefix(4) == [4, 3, 2, 1])
    }

    @Test func everyLeaseIsSentAndReportedOnce() async throws {
        let worker = try Worker(slots: 32)
        let leases = (0..<500).map { _ in MessagingAPI.Lease.test() }
        await worker.queue.offer(leases)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count >= 500 }
        }
        let reported = await worker.queue.reported.map(\.reference)
        #expect(reported.count == 500)
        #expect(Set(reported) == Set(leases.map(\.reference)))
        #expect(worker.provider.counts.sent.count == 500)
        #expect(await worker.queue.reported.allSatisfy { $0.startedAt <= $0.endedAt })
    }

    @Test func aSlotIsFreeBeforeItsOutcomeIsHandedOver() async throws {
        let queue = TestQueue(reportGate: Gate(isOpen: false))
        let worker = try Worker(slots: 2, queue: queue)
        await queue.offer((0..<5).map { _ in .test() })
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.sent.count == 5 && worker.provider.counts.inFlight == 0 }
            #expect(await queue.reported.isEmpty)
            await queue.reportGate.open()
            try await eventually { await queue.reported.count == 5 }
        }
    }

    /// The last slots of 32 are two; a messaging-service of the release before does not say which leases are codes, and is
    /// asked for nothing else.
    @Test(arguments: [true, nil]) func codesAreSentWhileAllOtherSlotsHang(isUrgent: Bool?) async throws {
        let worker = try Worker(slots: 32, provider: TestProvider(gate: Gate(isOpen: false)))
        await worker.queue.offer((0..<30).map { _ in .test() })
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.inFlight == 30 }
            try await eventually { await (worker.queue.requests.last?.urgentSlots ?? 0) >= 2 }
            let codes = (0..<2).map { _ in MessagingAPI.Lease.test(isUrgent: isUrgent) }
            await worker.queue.offer(codes)
            try await eventually { worker.provider.counts.inFlight == 32 }
            #expect(Set(worker.provider.counts.sent.suffix(2)) == Set(codes.map(\.reference)))
            await worker.provider.gate.open()
        }
        #expect(await worker.queue.unused.isEmpty)
    }

    @Test func whoWaitsLongerThanItIsFreshIsGivenBack() async throws {
        let clock = TestClock()
        let worker = try Worker(slots: 1, clock: clock)
        await worker.queue.offer([.test()])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 1 }
            try await eventually {
                clock.advance(by: Pace.busy)
                return await worker.queue.asked == [1, 2]
            }
            await worker.provider.gate.close()
            let leases = (0..<2).map { _ in MessagingAPI.Lease.test(freshMilliseconds: 1000) }
            await worker.queue.offer(leases)
            try await eventually { worker.provider.counts.inFlight == 1 }
            #expect(await worker.queue.unused.isEmpty)
            try await eventually {
                clock.advance(by: .milliseconds(100))
                return await worker.queue.unused.count == 1
            }
            #expect(worker.provider.counts.inFlight == 1)
            await worker.provider.gate.open()
            clock.runFreely()
        }
        #expect(worker.provider.counts.sent.count == 2)
    }

    @Test func moreLeasesThanAskedForAreGivenBack() async throws {
        let worker = try Worker(slots: 2, provider: TestProvider(gate: Gate(isOpen: false)))
        await worker.queue.giveTooMany(3)
        await worker.queue.offer((0..<5).map { _ in .test() })
        try await withServices([worker.dispatcher]) {
            try await eventually { worker.provider.counts.inFlight == 2 }
            try await eventually { await worker.queue.unused.count == 3 }
            await worker.provider.gate.open()
            try await eventually { await worker.queue.reported.count == 2 }
        }
        #expect(worker.provider.counts.sent.count == 2)
    }

    @Test func failingLeaseCallsBackOffAndRecover() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        await worker.queue.failNext(leases: 3)
        await worker.queue.offer([.test()])
        try await withServices([worker.dispatcher]) {
            for (failures, pause) in [(1, 50), (2, 100), (3, 200)] {
                try await eventually { await worker.queue.asked.count == failures && !clock.sleeps.isEmpty }
                let sleep = clock.sleeps[0]
                #expect(sleep >= .milliseconds(pause) * 0.5 && sleep <= .milliseconds(pause))
                clock.advance(by: sleep)
            }
            try await eventually { await worker.queue.reported.count == 1 }
            clock.runFreely()
        }
    }

    @Test func questionsForWorkKeepTheirDistance() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        try await withServices([worker.dispatcher]) {
            await worker.queue.offer([.test()])
            // The second is that of the outcomes.
            try await eventually { clock.sleeps == [Pace.calm, Pace.calmTelling] }
            #expect(await worker.queue.asked.count == 1)
            clock.advance(by: Pace.calm)
            try await eventually { await worker.queue.asked.count == 2 }
            clock.runFreely()
        }
    }

    @Test func aQuestionThatWaitedLongIsFollowedAtOnce() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.asked.count == 1 }
            clock.advance(by: Pace.calm)
            await worker.queue.offer([.test()])
            try await eventually { await worker.queue.asked.count == 2 }
            clock.runFreely()
        }
    }
}
