import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

/// What each question for work says about those before it.
@Suite(.timeLimit(.minutes(5))) struct LeaseCallTests {
    @Test func questionsAreNumberedAndNameTheLastAnswerThatArrived() async throws {
        let clock = TestClock()
        clock.runFreely()
        let worker = try Worker(clock: clock)
        await worker.queue.failNext(leases: 2)
        await worker.queue.offer([.test()])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.requests.count == 4 }
            await worker.queue.failNext(leases: 1)
            await worker.queue.offer([.test()])
            try await eventually { await worker.queue.requests.count == 6 }
        }
        let requests = await worker.queue.requests
        #expect(requests.map(\.call) == [1, 2, 3, 4, 5, 6])
        // 1 and 2 failed, and so did 5.
        #expect(requests.map(\.received) == [0, 0, 0, 3, 4, 4])
        #expect(requests.allSatisfy { $0.worker == .test })
    }

    @Test func oneSuspectIsHeldAtATime() async throws {
        let worker = try Worker(provider: TestProvider(gate: Gate(isOpen: false)))
        await worker.queue.offer([.test(isSuspect: true)])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.requests.count == 2 }
            let requests = await worker.queue.requests
            #expect(requests.map(\.suspects) == [1, 0])
            // The next suspect is asked for soon after this one has ended.
            #expect(requests.map(\.waitMilliseconds) == [20_000, 50])
            await worker.provider.gate.open()
            try await eventually {
                await worker.queue.offer([.test()])
                return await worker.queue.requests.last?.suspects == 1
            }
        }
        #expect(await worker.queue.reported.count == worker.provider.counts.sent.count)
    }

    @Test func aSuspectThatIsGivenBackIsHeldNoLonger() async throws {
        let clock = TestClock()
        clock.runFreely()
        let worker = try Worker(clock: clock)
        await worker.queue.offer([.test(account: .new(), isSuspect: true)])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.unused.count == 1 }
            try await eventually {
                await worker.queue.offer([.test()])
                let requests = await worker.queue.requests
                return requests.count > 2 && requests.last?.suspects == 1
            }
        }
    }
}
