import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A person decides about a message of which nobody knows whether it arrived.
@Suite(.messaging) struct ResolveTests {
    private let error = ProviderError(code: "timeout", detail: "No answer.")

    @Test(arguments: [QueueState.uncertain, .held]) func itArrived(state: QueueState) async throws {
        let (fixture, ids) = try await self.uncertain(state)
        #expect(try await fixture.resolve(ids[0], as: .sent) == .changed(.sent))
        let row = try await self.message(ids[0], fixture)
        #expect(try row.get("status") == "sent")
        #expect(try row.get("attempt_count") == 1)
        #expect(try row.get("is_sent") == true)
        #expect(try row.getIfPresent("error_code", as: String.self) == nil)
        try await self.expectTheNextGoes(ids, fixture)
    }

    @Test(arguments: [QueueState.uncertain, .held]) func itDidNotArriveAndIsGivenUp(state: QueueState) async throws {
        let (fixture, ids) = try await self.uncertain(state)
        #expect(try await fixture.resolve(ids[0], as: .failed) == .changed(.failed))
        let row = try await self.message(ids[0], fixture)
        #expect(try row.get("status") == "failed")
        #expect(try row.get("error_code") == "resolved-as-failed")
        #expect(try row.get("error_class") == "uncertain")
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 1)
        try await self.expectTheNextGoes(ids, fixture)
        // It is a failed message like any other.
        #expect(try await fixture.act(.retry, on: ids[0]) == .changed(.queued))
    }

    @Test func whatKeepsItsLaneIsSentAgainBeforeTheOthers() async throws {
        let (fixture, ids) = try await self.uncertain(.uncertain)
        #expect(try await fixture.resolve(ids[0], as: .resend) == .changed(.queued))
        #expect(try await fixture.states(of: ids) == [.ready, .waiting])
        #expect(try await fixture.leaseNow().map(\.reference) == [AttemptReference(messageID: ids[0], number: 2)])
    }

    @Test func whatGaveUpItsPlaceIsSentAgainAfterTheOthers() async throws {
        let (fixture, ids) = try await self.uncertain(.held)
        #expect(try await fixture.resolve(ids[0], as: .resend) == .changed(.queued))
        #expect(try await fixture.states(of: ids) == [.waiting, .ready])
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(lease.messageID == ids[1])
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.leaseNow().map(\.reference) == [AttemptReference(messageID: ids[0], number: 2)])
    }

    @Test func whatIsCertainNeedsNoDecision() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        for resolution in Resolution.allCases {
            guard case .refused(.wrongState(.queued, _)) = try await fixture.resolve(id, as: resolution) else {
                Issue.record("\(resolution) was not refused.")
                continue
            }
        }
        #expect(try await fixture.leaseNow().count == 1)
    }

    @Test func theDecisionIsWrittenDown() async throws {
        let (fixture, ids) = try await self.uncertain(.held)
        try await fixture.resolve(ids[0], as: .failed)
        let row = try await fixture.row(
            "SELECT actor, action, detail ->> 'outcome' AS outcome FROM audit_events WHERE detail ->> 'act' = 'resolve'"
        )
        #expect(try row.get("actor") == "key:person")
        #expect(try row.get("action") == "UPDATED")
        #expect(try row.get("outcome") == "failed")
        let entry = try #require(try await fixture.timeline(of: ids[0]).first { $0.type == "resolved" })
        #expect(entry.state == "failed")
        #expect(entry.detail["actor"] == "key:person")
    }

    /// Whoever decided that it did not arrive may have been wrong.
    @Test func evidenceThatComesLaterCounts() async throws {
        let (fixture, ids) = try await self.uncertain(.uncertain)
        try await fixture.resolve(ids[0], as: .failed)
        let row = try await fixture.row("SELECT account_id FROM messages WHERE id = \(ids[0])")
        let report = ProviderReport(
            eventKey: "1",
            reference: AttemptReference(messageID: ids[0], number: 1),
            providerMessageID: "SM1",
            status: .delivered,
            occurredAt: nil
        )
        let told = MessagingAPI.AccountReport(
            orgID: fixture.orgID,
            accountID: try row.get("account_id"),
            report: report
        )
        #expect(try await fixture.apply([told]) == [.applied])
        #expect(try await fixture.status(of: ids[0]) == .delivered)
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 0)
    }

    private func expectTheNextGoes(_ ids: [MessageID], _ fixture: MessagingFixture) async throws {
        #expect(try await fixture.queued(ids[0]) == nil)
        #expect(try await fixture.offerAndLease().map(\.messageID) == [ids[1]])
    }

    private func message(_ id: MessageID, _ fixture: MessagingFixture) async throws -> Row {
        try await fixture.row(
            """
            SELECT status::text, attempt_count, error_code, error_class::text, sent_at IS NOT NULL AS is_sent
              FROM messages WHERE id = \(id)
            """
        )
    }

    /// Two messages of one conversation, of which nobody knows whether the first arrived.
    private func uncertain(_ state: QueueState) async throws -> (MessagingFixture, [MessageID]) {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        var ids: [MessageID] = []
        for body in ["first", "second"] { ids.append(try await fixture.send(body, to: "+15550000001")) }
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(self.error), of: lease)
        if state == .held {
            try await fixture.rows("UPDATE outbox SET hold_until = now(), due_at = now() WHERE message_id = \(ids[0])")
            try await fixture.sweep.releaseUncertain()
        }
        #expect(try await fixture.queued(ids[0])?.state == state)
        return (fixture, ids)
    }
}
