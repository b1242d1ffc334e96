import InternalAPI
import Providers
import Shared
import TestSupport
import Testing

@testable import OutboundWorker

@Suite(.timeLimit(.minutes(5))) struct SendAttemptTests {
    @Test func anAttemptWhoseLeaseIsNearlyOverIsNotMade() async throws {
        let clock = TestClock()
        let worker = try Worker(slots: 1, clock: clock)
        let short = MessagingAPI.Lease.test(milliseconds: 24_999)
        let long = MessagingAPI.Lease.test(milliseconds: 25_000)
        await worker.queue.offer([short, long])
        try await withServices([worker.dispatcher]) {
            try await eventually { clock.sleeps == [Pace.calmTelling, Dispatcher.refusedPace] }
            clock.advance(by: Dispatcher.refusedPace)
            try await eventually { await worker.queue.reported.count == 1 }
            clock.runFreely()
        }
        #expect(worker.provider.counts.sent == [long.reference])
        #expect(await worker.queue.reported.map(\.reference) == [long.reference])
        #expect(await worker.queue.unused == [short.key])
        #expect(worker.provider.counts.deadlines == [clock.start + Dispatcher.refusedPace + .seconds(20)])
    }

    @Test func theTimeThatTheQuestionWaitedIsPartOfTheLease() async throws {
        let clock = TestClock()
        let worker = try Worker(clock: clock)
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.asked.count == 1 }
            clock.advance(by: .seconds(19))
            await worker.queue.offer([.test(milliseconds: 43_999), .test(milliseconds: 44_000)])
            try await eventually { await !worker.queue.told.isEmpty }
            // Had it not begun before the clock moves, it would be too late for it.
            try await eventually { worker.provider.counts.sent.count == 1 }
            clock.advance(by: Pace.calmTelling)
            try await eventually { await worker.queue.reported.count == 1 }
            try await eventually { await worker.queue.unused.count == 1 }
            clock.runFreely()
        }
        #expect(worker.provider.counts.sent.count == 1)
    }

    @Test func aMessageOfAProviderThatIsNotThereIsRejected() async throws {
        let worker = try Worker()
        await worker.queue.offer([.test(account: MessagingAPI.LeasedAccount.withoutProvider.id)])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.reported.count == 1 }
        }
        let outcome = await worker.queue.reported[0].outcome
        #expect(outcome.className == "permanent")
        #expect(outcome.errorCode == "no-provider")
    }

    @Test func aLeaseWithoutItsAccountIsGivenBack() async throws {
        let worker = try Worker()
        let lease = MessagingAPI.Lease.test(account: .new())
        await worker.queue.offer([lease])
        try await withServices([worker.dispatcher]) {
            try await eventually { await worker.queue.unused == [lease.key] }
        }
        #expect(await worker.queue.reported.isEmpty)
        #expect(worker.storage.replay.uncertain.isEmpty)
    }

    @Test func anAttemptThatBeginsTooLateIsNotMade() async throws {
        let (clock, provider) = (TestClock(), TestProvider())
        let attempt = try Self.attempt(clock, provider)
        let lease = MessagingAPI.Lease.test(milliseconds: 30_000)
        #expect(!attempt.isNearlyOver(lease, askedAt: clock.start))
        // As after a process that was stopped between the answer and the attempt.
        clock.advance(by: .seconds(6))
        let end = await attempt(lease, account: .test, askedAt: clock.start)
        #expect(end == .unused(lease.key))
        #expect(provider.counts.sent.isEmpty)
    }

    /// The recipient may have opted out in the meantime: then it is leased, and judged, again.
    @Test(arguments: [(2000, 0), (2001, 1)])
    func whatWasDecidedLongAgoIsDecidedAnew(elapsed: Int, unused: Int) async throws {
        let (clock, provider) = (TestClock(), TestProvider())
        let attempt = try Self.attempt(clock, provider)
        let lease = MessagingAPI.Lease.test(freshMilliseconds: 2000)
        clock.advance(by: .milliseconds(elapsed))
        let end = await attempt(lease, account: .test, askedAt: clock.start)
        #expect((end == .unused(lease.key)) == (unused == 1))
        #expect(provider.counts.sent.count == 1 - unused)
    }

    private static func attempt(_ clock: TestClock, _ provider: TestProvider) throws -> SendAttempt {
        let journal = AttemptJournal(storage: MemoryJournal(), owner: .test)
        try journal.begin()
        return SendAttempt(
            providers: ProviderRegistry([provider]),
            journal: journal,
            fetchAttachments: FetchAttachments(queue: TestQueue()),
            deadline: .seconds(20),
            clock: clock,
            logger: .quiet
        )
    }
}
