import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What people do to messages, against the database.
@Suite(.messaging) struct ActTests {
    private let error = ProviderError(code: "131026", detail: "Undeliverable.")

    @Test func whatIsCancelledNeverLeaves() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        #expect(try await fixture.act(.cancel, on: id) == .changed(.cancelled))
        #expect(try await fixture.offerAndLease().isEmpty)
        #expect(try await fixture.status(of: id) == .cancelled)
        #expect(try await self.audit(id, fixture) == ["cancel queued cancelled key:person"])
    }

    @Test func whatIsScheduledIsCancelledToo() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.scheduled(fixture)
        #expect(try await fixture.act(.cancel, on: id) == .changed(.cancelled))
        #expect(try await fixture.queued(id) == nil)
    }

    @Test func aFailedMessageIsRetriedWithAllItsAttempts() async throws {
        let (fixture, id) = try await self.failed()
        #expect(try await fixture.act(.retry, on: id) == .changed(.queued))
        let row = try await fixture.row(
            """
            SELECT status::text, attempt_count, error_code, failed_at IS NOT NULL AS has_failed,
                   (SELECT count(*) FROM dead_letters) AS letters
              FROM messages
            """
        )
        #expect(try row.get("status") == "queued")
        #expect(try row.get("attempt_count") == 0)
        #expect(try row.getIfPresent("error_code", as: String.self) == nil)
        #expect(try row.get("letters") == 0)
        // The attempts go on counting: none is numbered like another.
        #expect(try await fixture.leaseNow().map(\.reference) == [AttemptReference(messageID: id, number: 2)])
        #expect(try await self.audit(id, fixture) == ["retry failed queued key:person"])
    }

    @Test func whatIsScheduledIsSentNow() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.scheduled(fixture)
        #expect(try await fixture.act(.sendNow, on: id) == .changed(.queued))
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
        #expect(try await self.audit(id, fixture) == ["send-now scheduled queued key:person"])
    }

    @Test func whatWaitsForItsNextAttemptIsTriedNow() async throws {
        for delay in ["30s", "1h"] {
            let fixture = try MessagingFixture()
            let id = try await fixture.send("x", to: "+15550000001", ["retry": ["delays": [.string(delay)]]])
            let lease = try #require(try await fixture.leaseNow().first)
            try await fixture.tell(.failedTransiently(self.error, retryAfter: nil), of: lease)
            #expect(try await fixture.offerAndLease().isEmpty)
            #expect(try await fixture.act(.sendNow, on: id) == .changed(.queued))
            #expect(try await fixture.leaseNow().map(\.reference.number) == [2])
        }
    }

    @Test func whoWaitsBehindOthersStaysBehindThem() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let first = try await fixture.send("first", to: "+15550000001")
        let second = try await fixture.send("second", to: "+15550000001")
        #expect(try await fixture.act(.sendNow, on: second) == .changed(.queued))
        #expect(try await fixture.states(of: [first, second]) == [.ready, .waiting])
        #expect(try await fixture.leaseNow().map(\.messageID) == [first])
    }

    @Test func whatAWorkerHasIsNobodyElses() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        for action in JobAction.allCases { #expect(try await fixture.act(action, on: id) == .refused(.inFlight)) }
        for resolution in Resolution.allCases {
            #expect(try await fixture.resolve(id, as: resolution) == .refused(.inFlight))
        }
        await #expect(throws: ActRefusal.inFlight) { try await fixture.edit(id, ["body": "new"]) }
        #expect(try await fixture.status(of: id) == .sending)
        #expect(try await fixture.acts(of: id.description).isEmpty)
    }

    @Test func whatIsSentIsNotTakenBack() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        for action in [JobAction.cancel, .retry, .sendNow] {
            guard case .refused(.wrongState(.sent, _)) = try await fixture.act(action, on: id) else {
                Issue.record("\(action) was not refused.")
                continue
            }
        }
        let refusal = await #expect(throws: ActRefusal.self) { try await fixture.edit(id, ["body": "new"]) }
        if case .wrongState(.sent, _) = refusal {} else { Issue.record("An edit was not refused.") }
        #expect(try await fixture.acts(of: id.description).isEmpty)
    }

    @Test func whatIsNotThereIsUnknown() async throws {
        let (fixture, id) = try await self.failed()
        let stranger = try MessagingFixture()
        for action in JobAction.allCases {
            #expect(try await fixture.act(action, on: .new()) == .unknown)
            #expect(try await stranger.act(action, on: id) == .unknown)
        }
        await #expect(throws: Problem.notFound) { try await stranger.edit(id, ["body": "new"]) }
        #expect(try await fixture.status(of: id) == .failed)
    }

    /// act, from, to and actor of each act on a message.
    private func audit(_ id: MessageID, _ fixture: MessagingFixture) async throws -> [String] {
        try await fixture.rows(
            """
            SELECT concat_ws(' ', detail ->> 'act', detail ->> 'from', detail ->> 'to', actor) AS line FROM audit_events
             WHERE entity_id = \(id) AND detail IS NOT NULL ORDER BY id
            """
        ).map { try $0.get("line") }
    }

    private func scheduled(_ fixture: MessagingFixture) async throws -> MessageID {
        let later = Timestamp.now + .seconds(3600)
        return try await fixture.send("x", to: "+15550000001", ["scheduled_at": .string("\(later)")])
    }

    private func failed() async throws -> (MessagingFixture, MessageID) {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.rejected(self.error), of: lease)
        return (fixture, id)
    }
}
