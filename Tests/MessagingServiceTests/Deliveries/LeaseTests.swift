import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.messaging) struct LeaseTests {
    @Test func aNewMessageIsLeasedOnceWithAllThatIsNeededToSendIt() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()

        let answer = try await fixture.lease(.init(worker: fixture.worker, slots: 10, waitMilliseconds: 0))
        let lease = try #require(answer.leases.first)
        #expect(lease.reference == AttemptReference(messageID: id, number: 1))
        #expect(lease.to == "+15550000001")
        #expect(lease.content.body == "Hello")
        #expect(answer.accounts.map(\.provider) == [.sandbox])
        #expect(try await fixture.status(of: id) == .sending)
        #expect(try await fixture.leaseNow().isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func aWaitingLeaseIsAnsweredByTheNextMessage() async throws {
        let fixture = try MessagingFixture()
        async let answer = fixture.lease(.init(worker: fixture.worker, slots: 1, waitMilliseconds: 30_000))
        let id = try await fixture.send()
        #expect(try await answer.leases.map(\.reference.messageID) == [id])
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

    @Test(.timeLimit(.minutes(1))) func manyWorkersNeverGetTheSameMessage() async throws {
        let fixture = try MessagingFixture()
        for _ in 0..<40 { try await fixture.send() }
        let references = try await withThrowingTaskGroup(of: [AttemptReference].self) { tasks in
            for number in 0..<8 {
                tasks.addTask {
                    let worker = MessagingAPI.WorkerIdentity(name: "w\(number)", incarnation: 1)
                    return try await Self.leaseAll(fixture, worker: worker)
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(references).count == references.count)
        #expect(references.count == 40)
    }

    /// Leases two at a time until half a second brings nothing more.
    private static func leaseAll(
        _ fixture: MessagingFixture,
        worker: MessagingAPI.WorkerIdentity
    ) async throws -> [AttemptReference] {
        var references: [AttemptReference] = []
        while true {
            let answer = try await fixture.lease(.init(worker: worker, slots: 2, waitMilliseconds: 500))
            if answer.leases.isEmpty { return references }
            references += answer.leases.map(\.reference)
        }
    }

    @Test func aScheduledMessageIsNotLeasedBeforeItsTime() async throws {
        let fixture = try MessagingFixture()
        let later = Timestamp.now + .seconds(3600)
        let json = #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "scheduled_at": "\#(later)"}"#
        let id = try await fixture.send(json)
        #expect(try await fixture.status(of: id) == .scheduled)
        fixture.due.add([try await self.lane(of: id, fixture)])
        #expect(try await fixture.leaseNow().isEmpty)
    }

    @Test func aMessageWhoseTimeIsOverExpiresInsteadOfBeingSent() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.query("UPDATE messages SET expires_at = now() - interval '1 second' WHERE id = \(id)")
        }
        #expect(try await fixture.leaseNow().isEmpty)
        #expect(try await fixture.status(of: id) == .expired)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
    }

    @Test func aWorkerStartedAnewGivesBackWhatItHeldBefore() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()

        let reborn = MessagingAPI.WorkerIdentity(name: fixture.worker.name, incarnation: 2)
        let leases = try await fixture.leaseNow(worker: reborn)
        #expect(leases.map(\.reference) == [AttemptReference(messageID: id, number: 2)])
        let attempt = try await fixture.row("SELECT state::text FROM attempts WHERE number = 1")
        #expect(try attempt.get("state") == "lost")
    }

    @Test func aLeaseThatEndedIsGivenBackAndALiveOneIsNot() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        _ = try await fixture.leaseNow()
        #expect(try await fixture.endLeases() == 0)
        _ = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.query("UPDATE outbox SET lease_until = now() - interval '1 second'")
        }
        #expect(try await fixture.endLeases() == 1)
        #expect(try await fixture.leaseNow().map(\.reference.number) == [2])
    }

    @Test func aWorkerThatIsSilentForEightSecondsIsDead() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE workers SET beat_at = now() - interval '9 seconds'")
        }
        let start = ContinuousClock.now
        let endLeases = EndLeases(engine: fixture.engine, settle: fixture.settle, now: start)
        for second in [2, 4, 6, 8] { #expect(try await endLeases(now: start + .seconds(second)) == 0) }
        #expect(try await endLeases(now: start + .seconds(9)) == 1)
    }

    private func lane(of id: MessageID, _ fixture: MessagingFixture) async throws -> Lane {
        let row = try await fixture.row("SELECT org_id, account_id FROM messages WHERE id = \(id)")
        return Lane(orgID: try row.get("org_id"), accountID: try row.get("account_id"))
    }
}
