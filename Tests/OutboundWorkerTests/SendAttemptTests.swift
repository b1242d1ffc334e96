import InternalAPI
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(1))) struct SendAttemptTests {
    @Test func anAttemptWhoseLeaseIsNearlyOverIsNotMade() async throws {
        let clock = TestClock()
        let worker = Worker(slots: 1, clock: clock)
        let short = MessagingAPI.Lease.test(milliseconds: 24_999)
        let long = MessagingAPI.Lease.test(milliseconds: 25_000)
        await worker.queue.offer([short, long])
        try await withServices([worker.dispatcher]) {
            try await eventually { clock.sleeps == [Dispatcher.pace] }
            clock.advance(by: Dispatcher.pace)
            try await eventually { await worker.queue.reported.count == 1 }
            clock.runFreely()
        }
        #expect(worker.provider.counts.sent == [long.reference])
        #expect(await worker.queue.reported.map(\.reference) == [long.reference])
        #expect(worker.provider.counts.deadlines == [clock.start + Dispatcher.pace + .seconds(20)])
    }

    @Test func theTimeThatTheQuestionWaitedIsPartOfTheLease() async throws {
        let clock = TestClock()
        let worker = Worker(clock: clock)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.asked.count == 1 }
            clock.advance(by: .seconds(19))
            await worker.queue.offer([.test(milliseconds: 43_999), .test(milliseconds: 44_000)])
            try await eventually { await worker.queue.reported.count == 1 }
            clock.runFreely()
        }
        #expect(worker.provider.counts.sent.count == 1)
    }

    @Test func aMessageOfAProviderThatIsNotThereIsRejected() async throws {
        let worker = Worker()
        await worker.queue.offer([.test(account: MessagingAPI.LeasedAccount.withoutProvider.id)])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 1 }
        }
        let outcome = await worker.queue.reported[0].outcome
        #expect(outcome.className == "permanent")
        #expect(outcome.errorCode == "no-provider")
    }

    @Test func aLeaseWithoutItsAccountIsTriedAgainLater() async throws {
        let worker = Worker()
        await worker.queue.offer([.test(account: .new())])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 1 }
        }
        let outcome = await worker.queue.reported[0].outcome
        #expect(outcome.className == "transient")
        #expect(outcome.errorCode == "no-account")
    }
}
