import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

@Suite(.messaging) struct SettlementTests {
    private let error = ProviderError(code: "30008", detail: "Unknown error.")

    @Test func anAcceptedMessageIsSentAndLeavesTheOutbox() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.sendAndTell(.accepted(providerMessageID: "SM1"), fixture)
        let row = try await fixture.row(
            "SELECT status::text, attempt_count, provider_message_id, sent_at, error_code FROM messages WHERE id = \(id)"
        )
        #expect(try row.get("status") == "sent")
        #expect(try row.get("attempt_count") == 1)
        #expect(try row.get("provider_message_id") == "SM1")
        #expect(try row.getIfPresent("sent_at", as: Timestamp.self) != nil)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
        #expect(try await self.actions(fixture) == ["CREATED", "SENT"])
    }

    @Test func aRejectedMessageHasFailedWithTheProvidersWords() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.sendAndTell(.rejected(self.error), fixture)
        let row = try await fixture.row(
            "SELECT status::text, error_code, error_detail, error_class::text, failed_at FROM messages WHERE id = \(id)"
        )
        #expect(try row.get("status") == "failed")
        #expect(try row.get("error_code") == "30008")
        #expect(try row.get("error_class") == "permanent")
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
        #expect(try await self.actions(fixture) == ["CREATED", "FAILED"])
    }

    /// A definite answer to the second attempt does not tell what became of the first.
    @Test func whatFailedAfterAnUncertainAttemptMayHaveArrived() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let json = #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend"}"#
        let id = try await fixture.send(json)
        try await fixture.tell(.uncertain(self.error), of: try #require(try await fixture.leaseNow().first))
        try await fixture.sweep.releaseUncertain()
        try await fixture.tell(.rejected(self.error), of: try #require(try await fixture.leaseNow().first))
        let row = try await fixture.row(
            """
            SELECT status::text, error_code, error_class::text,
                   (SELECT string_agg(state::text, ' ' ORDER BY number) FROM attempts) AS attempts
              FROM messages WHERE id = \(id)
            """
        )
        #expect(try row.get("status") == "failed")
        #expect(try row.get("error_code") == "30008")
        #expect(try row.get("error_class") == "uncertain")
        #expect(try row.get("attempts") == "uncertain failed")
    }

    @Test func aTransientFailureWaitsForItsPolicyAndThenFails() async throws {
        let fixture = try MessagingFixture()
        let json = #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "retry": {"delays": ["0s", "1h"]}}"#
        let id = try await fixture.send(json)
        for attempt in 1...2 {
            let lease = try #require(try await fixture.leaseNow().first)
            #expect(lease.reference.number == attempt)
            try await fixture.tell(.failedTransiently(self.error, retryAfter: nil), of: lease)
        }
        #expect(try await fixture.offerAndLease().isEmpty)
        let row = try await fixture.row(
            """
            SELECT status::text, attempt_count, next_attempt_at > now() + interval '45 minutes' AS waits,
                   (SELECT count(*) FROM attempts WHERE retry_at IS NOT NULL) AS retries
              FROM messages WHERE id = \(id)
            """
        )
        #expect(try row.get("status") == "queued")
        #expect(try row.get("attempt_count") == 2)
        #expect(try row.get("waits") == true)
        #expect(try row.get("retries") == 2)
    }

    @Test func throttlingSpendsNoAttempt() async throws {
        let fixture = try MessagingFixture()
        let id = try await self.sendAndTell(.throttled(self.error, retryAfter: .seconds(5), scope: .account), fixture)
        let row = try await fixture.row("SELECT status::text, attempt_count FROM messages WHERE id = \(id)")
        #expect(try row.get("status") == "queued")
        #expect(try row.get("attempt_count") == 0)
    }

    @Test func aBlockedAccountKeepsItsMessagesAndLeasesNone() async throws {
        let fixture = try MessagingFixture()
        let first = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.send()
        try await fixture.tell(.accountBlocked(ProviderError(code: "190", detail: "Token expired.")), of: lease)
        // A second later one would be sent to see whether it is open again.
        try await fixture.rows("UPDATE account_flows SET probe_at = now() + interval '1 hour'")
        #expect(try await fixture.offerAndLease().isEmpty)
        #expect(try await fixture.status(of: first) == .queued)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'ready'") == 2)
        let flow = try await fixture.flow()
        #expect(flow.gate == .parked)
        #expect(flow.gateReason == "190: Token expired.")
    }

    @Test func anUncertainMessageIsHeldAndItsPolicyDecidesLater() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let held = try await self.sendAndTell(.uncertain(self.error), fixture)
        let json = #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend"}"#
        let resent = try await fixture.send(json)
        try await fixture.tell(.uncertain(self.error), of: try #require(try await fixture.leaseNow().first))
        #expect(try await fixture.status(of: resent) == .uncertain)

        try await fixture.sweep.releaseUncertain()
        #expect(try await fixture.status(of: held) == .uncertain)
        #expect(try await fixture.leaseNow().map(\.reference) == [AttemptReference(messageID: resent, number: 2)])
        #expect(try await fixture.states(of: [held, resent]) == [.held, .leased])
    }

    @Test func aRepeatedOutcomeChangesNothing() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        for _ in 0..<3 { try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease) }
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 1)
        #expect(try await self.actions(fixture) == ["CREATED", "SENT"])
    }

    @Test func anOutcomeThatComesAfterTheLeaseEndedStillCounts() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let first = try #require(try await fixture.leaseNow().first)
        try await fixture.recover(life: 2, journal: .lost)
        #expect(try await fixture.status(of: id) == .uncertain)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: first)
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
    }

    private func sendAndTell(_ outcome: SendOutcome, _ fixture: MessagingFixture) async throws -> MessageID {
        let id = try await fixture.send()
        try await fixture.tell(outcome, of: try #require(try await fixture.leaseNow().first))
        return id
    }

    private func actions(_ fixture: MessagingFixture) async throws -> [String] {
        try await fixture.row(
            "SELECT array_agg(action ORDER BY id) AS actions FROM audit_events WHERE entity_type = 'message'"
        )
        .get("actions")
    }
}
