import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What is told of an attempt after it was uncertain already.
@Suite(.messaging) struct LateOutcomeTests {
    private let error = ProviderError(code: "30008", detail: "Unknown error.")

    @Test func whatWasAcceptedIsSent() async throws {
        let (fixture, lease) = try await self.uncertain()
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: lease.messageID) == .sent)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
        #expect(try await fixture.row("SELECT state::text FROM attempts").get("state") == "sent")
        #expect(try await fixture.row("SELECT attempt_count FROM messages").get("attempt_count") == 1)
    }

    @Test func whatFailedIsTriedAgain() async throws {
        let (fixture, lease) = try await self.uncertain()
        try await fixture.tell(.failedTransiently(self.error, retryAfter: nil), of: lease)
        let row = try #require(try await fixture.queued(lease.messageID))
        #expect(row.state == .ready)
        #expect(row.crashes == 0)
        #expect(row.holdUntil == nil)
        #expect(row.dueAt > .now + .seconds(5))
        #expect(try await fixture.status(of: lease.messageID) == .queued)
    }

    @Test func whatWasRefusedHasFailed() async throws {
        let (fixture, lease) = try await self.uncertain()
        try await fixture.tell(.rejected(self.error), of: lease)
        #expect(try await fixture.status(of: lease.messageID) == .failed)
    }

    @Test(arguments: ["accepted", "failed", "unused"]) func evenWhenItsHoldIsOver(name: String) async throws {
        let (fixture, lease) = try await self.uncertain()
        try await fixture.rows("UPDATE outbox SET hold_until = now(), due_at = now()")
        try await fixture.sweep.releaseUncertain()
        #expect(try await fixture.queued(lease.messageID)?.state == .held)
        switch name {
        case "accepted": try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        case "failed": try await fixture.tell(.failedTransiently(self.error, retryAfter: nil), of: lease)
        default: try await fixture.settle([AttemptEvent(lease.attempt, unused: .givenBack, because: self.error)])
        }
        // One that failed waits outside its lane, which went on without it.
        let state: QueueState? = ["failed": .scheduled, "unused": .ready][name]
        #expect(try await fixture.queued(lease.messageID)?.state == state)
    }

    /// The message was sent again meanwhile: what is known of the first attempt settles it, and the second is late.
    @Test func whatTheFirstAttemptReachedCountsWhateverBecomesOfTheSecond() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend"}"#
        )
        let first = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(self.error), of: first)
        try await fixture.sweep.releaseUncertain()
        let second = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: first)
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.queued(id) == nil)
        try await fixture.tell(.failedTransiently(self.error, retryAfter: nil), of: second)
        #expect(try await fixture.status(of: id) == .sent)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 2)
    }

    @Test func whatIsUncertainTwiceIsNotHeldAnew() async throws {
        let (fixture, lease) = try await self.uncertain()
        let before = try await fixture.queued(lease.messageID)?.holdUntil
        try await fixture.tell(.uncertain(self.error), of: lease)
        #expect(try await fixture.queued(lease.messageID)?.holdUntil == before)
    }

    /// A message whose worker died with it in its hands.
    private func uncertain() async throws -> (MessagingFixture, MessagingAPI.Lease) {
        let fixture = try MessagingFixture()
        try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "retry": {"delays": ["10s"]}}"#
        )
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.recover(life: 2, uncertain: [lease])
        #expect(try await fixture.status(of: lease.messageID) == .uncertain)
        return (fixture, lease)
    }
}
