import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Acts on many messages that go on after their request was answered.
@Suite(.messaging, .timeLimit(.minutes(5))) struct RunJobsTests {
    private let error = ProviderError(code: "131026", detail: "Undeliverable.")

    @Test func aJobGoesThroughAllThatAreMeantAWindowAtATime() async throws {
        let fixture = try MessagingFixture()
        let ids = try await self.fill(fixture, 1100)
        // What a worker holds at that moment is not meant.
        let held = try await fixture.leaseNow(slots: 3)
        let job = try await self.start(.cancel, BulkFilter(), fixture)
        #expect(job.total == 1097)
        let runner = self.runner("a", fixture)
        #expect(try await runner.stepAll())
        let first = try await self.find(job, fixture)
        #expect(first.finishedAt == nil)
        #expect((497...500).contains(first.processed))
        #expect(first.cursor != nil)
        try await self.finish(runner)
        let done = try await self.find(job, fixture)
        #expect(done.finishedAt != nil)
        #expect([done.total, done.processed, done.changed, done.refused] == [1097, 1097, 1097, 0])
        #expect(try await self.count("cancelled", fixture) == 1097)
        #expect(try await fixture.states(of: held.map(\.messageID)) == [.leased, .leased, .leased])
        #expect(
            try await fixture.count("SELECT count(*) AS count FROM audit_events WHERE detail ->> 'act' = 'cancel'")
                == 1097
        )
        #expect(Set(ids).count == 1100)
    }

    /// The replica that worked on it died; another one goes on where it ended.
    @Test func anotherReplicaGoesOnInTheMiddle() async throws {
        let fixture = try MessagingFixture()
        try await self.fill(fixture, 1100)
        let job = try await self.start(.cancel, BulkFilter(), fixture)
        #expect(try await self.runner("a", fixture).stepAll())
        let left = try await self.find(job, fixture)
        let other = self.runner("b", fixture)
        // As long as the first may live, the job is its own.
        #expect(try await !other.stepAll())
        #expect(try await self.find(job, fixture).processed == left.processed)
        try await fixture.rows("UPDATE jobs SET taken_until = now() - interval '1 second'")
        try await self.finish(other)
        let done = try await self.find(job, fixture)
        #expect([done.total, done.processed, done.changed, done.refused] == [1100, 1100, 1100, 0])
        #expect(try await self.count("cancelled", fixture) == 1100)
    }

    @Test func onlyWhatTheFilterMeansIsTouched() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let meant = try await fixture.sendBatch(5, ["reference": "order-17"])
        let others = try await fixture.sendBatch(5, ["reference": "order-18"])
        let filter = BulkFilter(messages: MessageFilter(reference: "order-17"))
        let job = try await self.start(.cancel, filter, fixture)
        try await self.finish(self.runner("a", fixture))
        #expect(try await self.find(job, fixture).changed == 5)
        for id in meant { #expect(try await fixture.status(of: id) == .cancelled) }
        for id in others { #expect(try await fixture.status(of: id) == .queued) }
    }

    @Test func whatComesAfterItsBeginningIsNotMeant() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(3)
        let job = try await self.start(.cancel, BulkFilter(), fixture)
        try await Task.sleep(for: .milliseconds(2))
        let later = try await fixture.send()
        try await self.finish(self.runner("a", fixture))
        #expect(try await self.find(job, fixture).changed == 3)
        #expect(try await fixture.status(of: later) == .queued)
    }

    @Test func failedMessagesAreRetriedByTheirError() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(6)
        for (number, lease) in try await fixture.leaseNow().enumerated() {
            let error = number < 2 ? ProviderError(code: "21211", detail: "Invalid number.") : self.error
            try await fixture.tell(.rejected(error), of: lease)
        }
        let job = try await self.start(.retry, BulkFilter(errorCode: "131026"), fixture)
        #expect(job.total == 4)
        try await self.finish(self.runner("a", fixture))
        #expect(try await self.count("queued", fixture) == 4)
        #expect(try await self.count("failed", fixture) == 2)
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 2)
        #expect(try await fixture.offerAndLease().count == 4)
    }

    /// Those of a lane are cancelled together, and nobody is left behind.
    @Test func aWholeLaneMayBeMeant() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        for number in 0..<20 { try await fixture.send("\(number)", to: "+15550000001") }
        try await self.start(.delete, BulkFilter(), fixture)
        try await self.finish(self.runner("a", fixture))
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 0)
        #expect(try await fixture.count("SELECT waiting AS count FROM lanes") == 0)
        #expect(try await fixture.mendLanes() == 0)
    }

    /// What changed between the look and the lock is refused, and counted.
    @Test func whatIsNoLongerMeantIsRefused() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let filter = BulkFilter(messages: MessageFilter(statuses: [.scheduled]))
        for action in [JobAction.cancel, .sendNow, .delete] {
            let effects = try await fixture.act(
                action,
                on: [fixture.key(id)],
                by: "key:person",
                requestID: "r",
                meaning: filter
            )
            #expect(effects == [.refused(.wrongState(.queued, allowed: "meant were messages that are scheduled"))])
        }
    }

    @Test func whereNothingMatchesThereIsNoJob() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        for (action, filter) in [
            (JobAction.retry, BulkFilter()), (.cancel, BulkFilter(messages: MessageFilter(reference: "order-17"))),
            (.cancel, BulkFilter(messages: MessageFilter(statuses: [.sent]))),
        ] {
            let problem = await #expect(throws: Problem.self) { try await self.start(action, filter, fixture) }
            #expect(problem?.code == "nothing-matches")
            #expect(problem?.status == 422)
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM jobs") == 0)
    }

    @Test func otherOrganizationsMessagesAreNeverMeant() async throws {
        let (fixture, other) = (try MessagingFixture(), try MessagingFixture())
        try await fixture.sendBatch(2)
        let theirs = try await other.send()
        try await self.start(.delete, BulkFilter(), fixture)
        try await self.finish(self.runner("a", fixture))
        #expect(try await other.status(of: theirs) == .queued)
    }

    /// Creates messages in batches of 500, as the route does.
    @discardableResult
    private func fill(_ fixture: MessagingFixture, _ count: Int) async throws -> [MessageID] {
        var ids: [MessageID] = []
        while ids.count < count { ids += try await fixture.sendBatch(min(500, count - ids.count)) }
        return ids
    }

    @discardableResult
    private func start(_ action: JobAction, _ filter: BulkFilter, _ fixture: MessagingFixture) async throws -> Job {
        let start = StartJob(postgres: fixture.postgres, wake: JobSignal())
        return try await start(action, filter, for: fixture.acting, requestID: "r")
    }

    private func runner(_ replica: String, _ fixture: MessagingFixture) -> RunJobs {
        RunJobs(
            engine: fixture.engine,
            postgres: fixture.postgres,
            act: fixture.act,
            wake: JobSignal(),
            replica: replica,
            clock: ContinuousClock(),
            logger: .quiet
        )
    }

    private func finish(_ runner: RunJobs) async throws {
        while try await runner.stepAll() {}
    }

    private func find(_ job: Job, _ fixture: MessagingFixture) async throws -> Job {
        try Job(try await fixture.row(JobStore.find(job.id, of: fixture.orgID)))
    }

    private func count(_ status: String, _ fixture: MessagingFixture) async throws -> Int {
        try await fixture.count("SELECT count(*) AS count FROM messages WHERE status::text = \(status)")
    }
}
