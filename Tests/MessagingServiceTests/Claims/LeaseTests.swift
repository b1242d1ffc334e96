import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

@Suite(.messaging) struct LeaseTests {
    @Test func aNewMessageIsLeasedOnceWithAllThatIsNeededToSendIt() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()

        let answer = try await fixture.ask()
        let lease = try #require(answer.leases.first)
        #expect(lease.reference == AttemptReference(messageID: id, number: 1))
        #expect(lease.to == "+15550000001")
        #expect(lease.content.body == "Hello")
        #expect(answer.accounts.map(\.provider) == [.sandbox])
        #expect(try await fixture.status(of: id) == .sending)
        #expect(try await fixture.leaseNow().isEmpty)
    }

    @Test(.timeLimit(.minutes(5))) func aWaitingLeaseIsAnsweredByTheNextMessage() async throws {
        let fixture = try MessagingFixture()
        async let answer = fixture.ask(slots: 1, waitMilliseconds: 30_000)
        let id = try await fixture.send()
        #expect(try await answer.leases.map(\.messageID) == [id])
    }

    @Test func aLeaseHoldsNoMoreThanTheWorkersSlots() async throws {
        let fixture = try MessagingFixture()
        for _ in 0..<5 { try await fixture.send() }
        #expect(try await fixture.leaseNow(slots: 3).count == 3)
        #expect(try await fixture.leaseNow(slots: 3).count == 2)
    }

    @Test func oneTimeCodesGoBeforeTheRestAndMarketingGoesLast() async throws {
        let fixture = try MessagingFixture()
        for category in ["marketing", "transactional", "otp"] {
            let json =
                #"{"to": "+15550000001", "channel": "sandbox", "body": "\#(category)", "category": "\#(category)"}"#
            try await fixture.send(json)
        }
        var bodies: [String?] = []
        for _ in 0..<3 { bodies += try await fixture.leaseNow(slots: 1).map(\.content.body) }
        #expect(bodies == ["otp", "transactional", "marketing"])
    }

    @Test func anOrganizationWithAMessageGetsItsTurnBesideOneWithMany() async throws {
        let fixture = try MessagingFixture()
        let other = OrgID.new()
        for _ in 0..<20 { try await fixture.send() }
        try await fixture.send(as: other)
        let orgs = try await fixture.leaseNow(slots: 4).map(\.orgID)
        #expect(orgs.contains(other))
    }

    @Test(.timeLimit(.minutes(5))) func manyWorkersNeverGetTheSameMessage() async throws {
        let fixture = try MessagingFixture()
        for _ in 0..<40 { try await fixture.send() }
        let taken = Tally()
        let references = try await fixture.withTimers {
            try await withThrowingTaskGroup(of: [AttemptReference].self) { tasks in
                for number in 0..<8 {
                    tasks.addTask {
                        let worker = MessagingAPI.WorkerIdentity(name: "w\(number)", incarnation: 1)
                        return try await Self.lease(40, fixture, worker: worker, taken)
                    }
                }
                return try await tasks.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(Set(references).count == references.count)
        #expect(references.count == 40)
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    /// Leases two at a time as one worker of several, until all of them together have `most`.
    private static func lease(
        _ most: Int,
        _ fixture: MessagingFixture,
        worker: MessagingAPI.WorkerIdentity,
        _ taken: Tally
    ) async throws -> [AttemptReference] {
        var references: [AttemptReference] = []
        while taken.count < most {
            // Without one that failed it may never be so many.
            try Task.checkCancellation()
            let leases = try await fixture.ask(slots: 2, waitMilliseconds: 50, worker: worker).leases
            taken.add(leases.count)
            references += leases.map(\.reference)
        }
        return references
    }

    @Test func aScheduledMessageIsNotLeasedBeforeItsTime() async throws {
        let fixture = try MessagingFixture()
        let later = Timestamp.now + .seconds(3600)
        let id = try await fixture.send("x", to: "+15550000001", ["scheduled_at": .string("\(later)")])
        #expect(try await fixture.status(of: id) == .scheduled)
        #expect(try await fixture.queued(id)?.state == .scheduled)
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    @Test func aMessageWhoseTimeIsOverExpiresInsteadOfBeingSent() async throws {
        let fixture = try MessagingFixture()
        let expired = try await fixture.send()
        let other = try await fixture.send()
        for table: SQL in ["UPDATE messages SET", "UPDATE outbox SET"] {
            let key: SQL = table.text.contains("outbox") ? "message_id" : "id"
            try await fixture.rows("\(table) expires_at = now() - interval '1 second' WHERE \(key) = \(expired)")
        }
        #expect(try await fixture.leaseNow().map(\.messageID) == [other])
        #expect(try await fixture.status(of: expired) == .queued)
        try await fixture.sweep.expire()
        #expect(try await fixture.status(of: expired) == .expired)
        // What a worker holds can not be called back.
        #expect(try await fixture.status(of: other) == .sending)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 1)
    }

    @Test func slotsForOneTimeCodesTakeNothingElse() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send("text", to: "+15550000001")
        let code = try await fixture.send("code", to: "+15550000001", ["category": "otp"])
        #expect(try await fixture.ask(slots: 0, urgentSlots: 5).leases.map(\.messageID) == [code])
        #expect(try await fixture.ask(slots: 0, urgentSlots: 5).leases.isEmpty)
        #expect(try await fixture.leaseNow().map(\.content.body) == ["text"])
    }

    @Test func aLeaseThatEndedLeavesItsMessageUncertainAndALiveOneDoesNot() async throws {
        let fixture = try MessagingFixture()
        let (ended, live) = (try await fixture.send(), try await fixture.send())
        #expect(try await fixture.leaseNow().count == 2)
        #expect(try await fixture.endLeases() == 0)
        try await fixture.rows(
            "UPDATE outbox SET lease_until = now() - interval '1 second' WHERE message_id = \(ended)"
        )
        #expect(try await fixture.endLeases() == 1)
        #expect(try await fixture.status(of: ended) == .uncertain)
        #expect(try await fixture.status(of: live) == .sending)
        // Its worker lives: it did not crash.
        #expect(try await fixture.queued(ended)?.crashes == 0)
        let attempt = try await fixture.row("SELECT state::text, error_code, worker FROM attempts")
        #expect(try attempt.get("state") == "uncertain")
        #expect(try attempt.get("error_code") == "lease-ended")
        #expect(try attempt.get("worker") == fixture.worker.name)
    }

    @Test func aWorkerThatIsSilentForEightSecondsIsDead() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE workers SET beat_at = now() - interval '9 seconds'")
        }
        let start = ContinuousClock.now
        let endLeases = EndLeases(
            engine: fixture.engine,
            settle: fixture.settle,
            pace: SharedPace(free: .seconds(600)),
            now: start
        )
        for second in [2, 4, 6, 8] { #expect(try await endLeases(now: start + .seconds(second)) == 0) }
        #expect(try await endLeases(now: start + .seconds(9)) == 1)
        #expect(try await fixture.status(of: id) == .uncertain)
        #expect(try await fixture.queued(id)?.crashes == 1)
    }

    /// Rounds that do not look, because that takes long, are none in which this process stood still.
    @Test func whereALookIsDearTheSilentAreFoundAllTheSame() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE workers SET beat_at = now() - interval '9 seconds'")
        }
        let (start, pace) = (ContinuousClock.now, SharedPace(free: .seconds(600)))
        let endLeases = EndLeases(engine: fixture.engine, settle: fixture.settle, pace: pace, now: start)
        pace.spent(.seconds(3600), until: start)
        for second in stride(from: 1, to: 30, by: 2) {
            #expect(try await endLeases(now: start + .seconds(second)) == 0)
        }
        #expect(try await endLeases(now: start + .seconds(30)) == 1)
    }
}
