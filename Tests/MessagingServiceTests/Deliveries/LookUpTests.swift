import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Questions to a provider about what may have reached it.
@Suite(.messaging) struct LookUpTests {
    private let error = ProviderError(code: "timeout", detail: "No answer.")

    @Test func itIsAskedTenSecondsAfterItBecameUncertain() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        let row = try #require(try await fixture.queued(lease.messageID))
        let wait = row.dueAt - .now
        #expect(wait > .seconds(5) && wait <= .seconds(10))
        try await fixture.offer()
        #expect(try await fixture.ask().lookUps.isEmpty)

        let lookUp = try await self.lookUp(fixture)
        #expect(lookUp.reference == lease.reference)
        #expect(lookUp.to == "+14155550100")
        #expect(lookUp.content.body == "Hello")
        #expect(lookUp.checks == 0)
        #expect(lookUp.since <= .now)
        #expect(lookUp.since > .now - .seconds(60))
        // Whoever was asked has ten seconds for an answer.
        try await fixture.offer()
        #expect(try await fixture.ask().lookUps.isEmpty)
    }

    @Test func theAnswerBringsWhatItTakesToAsk() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await self.makeDue(fixture)
        let answer = try await fixture.ask()
        #expect(answer.leases.isEmpty)
        #expect(answer.lookUps.count == 1)
        #expect(answer.accounts.map(\.id) == [lease.accountID])
        #expect(answer.accounts.first?.credentials["account_sid"] == "AC1")
    }

    @Test(arguments: [ProviderKind.whatsappCloud, .sandbox, .http])
    func otherProvidersCanNotBeAsked(provider: ProviderKind) async throws {
        let (fixture, lease) = try await self.uncertain(provider)
        let row = try #require(try await fixture.queued(lease.messageID))
        #expect(row.dueAt == row.holdUntil)
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 second'")
        try await fixture.offer()
        #expect(try await fixture.ask().lookUps.isEmpty)
        #expect(try await fixture.status(of: lease.messageID) == .uncertain)
    }

    @Test func whoHasSlotsForOneTimeCodesAloneIsNotAsked() async throws {
        let (fixture, _) = try await self.uncertain(.twilio)
        try await self.makeDue(fixture)
        #expect(try await fixture.ask(slots: 0, urgentSlots: 5).lookUps.isEmpty)
    }

    /// To ask is to send nothing, and what waits for the answer holds up its lane.
    @Test func anAccountThatIsParkedIsAskedAboutToo() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        _ = try await fixture.parkAccount.park(lease.accountID, reason: nil, for: fixture.acting, requestID: "r")
        try await self.makeDue(fixture)
        let answer = try await fixture.ask()
        #expect(answer.lookUps.map(\.reference) == [lease.reference])
        #expect(answer.leases.isEmpty)
    }

    @Test func whatTheProviderHasIsSent() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await self.tell(.candidates(["SM1", "SM2"]), of: lease, fixture)
        let row = try await fixture.row("SELECT status::text, provider_message_id, attempt_count FROM messages")
        #expect(try row.get("status") == "sent")
        #expect(try row.get("provider_message_id") == "SM1")
        #expect(try row.get("attempt_count") == 1)
        #expect(try await fixture.queued(lease.messageID) == nil)
    }

    /// Of two messages that look alike each is one of those that the provider has.
    @Test func whatIsKnownToBeAnotherAttemptIsNotTaken() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await fixture.send("Hello", to: "+14155550100", ["channel": "sms"])
        let other = try #require(try await fixture.offerAndLease().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: other)
        try await self.tell(.candidates(["SM1", "SM2"]), of: lease, fixture)
        let id = try await fixture.row("SELECT provider_message_id FROM messages WHERE id = \(lease.messageID)")
        #expect(try id.get("provider_message_id") == "SM2")
    }

    @Test func candidatesThatAreAllOthersAreNone() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await fixture.send("Hello", to: "+14155550100", ["channel": "sms"])
        let other = try #require(try await fixture.offerAndLease().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: other)
        try await self.tell(.candidates(["SM1"]), of: lease, fixture)
        #expect(try await fixture.queued(lease.messageID)?.state == .uncertain)
        #expect(try await fixture.queued(lease.messageID)?.checks == 1)
    }

    @Test func whatTheProviderTwiceDoesNotHaveNeverArrived() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await self.tell(.absent, of: lease, fixture)
        let row = try #require(try await fixture.queued(lease.messageID))
        #expect(row.state == .uncertain)
        #expect(row.checks == 1)
        #expect(row.dueAt > .now + .seconds(5))
        let again = try await self.lookUp(fixture)
        #expect(again.checks == 1)
        try await self.tell(.absent, of: lease, checks: 1, fixture)
        #expect(try await fixture.status(of: lease.messageID) == .queued)
        #expect(try await fixture.queued(lease.messageID)?.state == .ready)
        let attempt = try await fixture.row("SELECT state::text, error_code, error_class::text FROM attempts")
        #expect(try attempt.get("state") == "failed")
        #expect(try attempt.get("error_code") == "not-found-at-provider")
        #expect(try attempt.get("error_class") == "transient")
    }

    @Test func anAnswerThatIsToldTwiceCountsOnce() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        for _ in 0..<5 { try await self.tell(.absent, of: lease, fixture) }
        #expect(try await fixture.queued(lease.messageID)?.checks == 1)
        #expect(try await fixture.status(of: lease.messageID) == .uncertain)
    }

    @Test func aProviderThatCanNotBeAskedSaysNothing() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        for _ in 0..<5 { try await self.tell(.unanswered(self.error), of: lease, fixture) }
        let row = try #require(try await fixture.queued(lease.messageID))
        #expect(row.state == .uncertain)
        #expect(row.checks == 0)
        #expect(row.dueAt > .now + .seconds(5))
    }

    @Test func itIsNotAskedWhenTheHoldEndsBefore() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await fixture.rows("UPDATE outbox SET hold_until = now() + interval '2 seconds'")
        try await self.tell(.unanswered(self.error), of: lease, fixture)
        let row = try #require(try await fixture.queued(lease.messageID))
        #expect(row.dueAt == row.holdUntil)
    }

    /// It came to an end meanwhile, or is another attempt by now.
    @Test func aFindingThatComesLateChangesNothing() async throws {
        let (fixture, lease) = try await self.uncertain(.twilio)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        for checks in 0...2 { try await self.tell(.absent, of: lease, checks: checks, fixture) }
        #expect(try await fixture.status(of: lease.messageID) == .sent)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 1)
    }

    private func tell(
        _ answer: MessagingAPI.LookUpFinding.Answer,
        of lease: MessagingAPI.Lease,
        checks: Int = 0,
        _ fixture: MessagingFixture
    ) async throws {
        try await fixture.lookUpFindings([.init(attempt: lease.attempt, answer: answer, checks: checks)])
    }

    /// Lets the time of the next question come.
    private func makeDue(_ fixture: MessagingFixture) async throws {
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 second' WHERE state = 'uncertain'")
        try await fixture.offer()
    }

    private func lookUp(_ fixture: MessagingFixture) async throws -> MessagingAPI.LookUp {
        try await self.makeDue(fixture)
        return try #require(try await fixture.ask().lookUps.first)
    }

    /// A message of which its provider may have heard.
    private func uncertain(_ provider: ProviderKind) async throws -> (MessagingFixture, MessagingAPI.Lease) {
        let fixture = try MessagingFixture()
        try await fixture.account(provider, ["rate_per_second": 1000])
        let channel = provider.channel
        let recipient = channel == .webhook ? "user-1" : "+14155550100"
        try await fixture.send("Hello", to: recipient, ["channel": .string(channel.rawValue)])
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(self.error), of: lease)
        return (fixture, lease)
    }
}
