import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// An account that can not send: its messages wait, none is spent.
@Suite(.messaging) struct ParkTests {
    private let refusal = SendOutcome.accountBlocked(ProviderError(code: "190", detail: "Token expired."))

    @Test func allMessagesStayQueuedAndOneAtATimeTriesMoreAndMoreSeldom() async throws {
        let (fixture, account) = try await self.parked()
        for probe in 1...3 {
            #expect(try await fixture.offerAndLease().isEmpty)
            let lease = try await self.probe(fixture)
            // However many there are, and however long this one takes: none beside it.
            #expect(try await fixture.offerAndLease().isEmpty)
            try await fixture.tell(self.refusal, of: lease)
            let wait = try await fixture.row(
                "SELECT extract(epoch FROM probe_at - clock_timestamp())::float8 AS wait, probes FROM account_flows"
            )
            #expect(try wait.get("probes") == probe)
            // The interval with its jitter of a fifth, and the time that the test took.
            let seconds: Double = try wait.get("wait")
            let interval = Double(1 << probe)
            #expect(seconds > interval - 1 && seconds <= interval * 1.2, "\(seconds) after \(probe) probes")
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'ready'") == 5)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE attempt_count > 0") == 0)
        #expect(try await fixture.acts(of: account.description) == ["park"])
    }

    @Test func aSuccessResumesItAndThatIsWrittenDown() async throws {
        let (fixture, account) = try await self.parked()
        let lease = try await self.probe(fixture)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        let flow = try await fixture.flow()
        #expect(flow.gate == .open)
        #expect(flow.gateReason == nil)
        #expect(flow.probeAt == nil)
        #expect(try await fixture.acts(of: account.description) == ["park", "resume"])
        let audit = try await fixture.row(
            "SELECT actor, action, detail ->> 'code' AS code FROM audit_events WHERE detail ->> 'act' = 'park'"
        )
        #expect(try audit.get("actor") == "engine")
        #expect(try audit.get("action") == "UPDATED")
        #expect(try audit.get("code") == "190")
        // The walk was told at once; only the one that was refused waits a second.
        let others = try await fixture.leaseNow().count
        #expect(others >= 3)
        try await fixture.rows("UPDATE outbox SET due_at = now() WHERE state = 'ready'")
        #expect(try await others + fixture.offerAndLease().count == 4)
    }

    @Test func aMessageThatIsRefusedForItselfResumesNothing() async throws {
        let (fixture, _) = try await self.parked()
        let lease = try await self.probe(fixture)
        try await fixture.tell(.rejected(ProviderError(code: "131026", detail: "Undeliverable.")), of: lease)
        #expect(try await fixture.flow().gate == .parked)
        #expect(try await fixture.status(of: lease.messageID) == .failed)
    }

    @Test func aWebhookMayParkTheAccountToo() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        let report = ProviderReport(
            eventKey: "1",
            reference: lease.reference,
            providerMessageID: "SM1",
            status: .failed(ProviderError(code: "131042", detail: "Unpaid bill."), .account),
            occurredAt: nil
        )
        let told = MessagingAPI.AccountReport(orgID: fixture.orgID, accountID: lease.accountID, report: report)
        #expect(try await fixture.apply([told]) == [.applied])
        #expect(try await fixture.flow().gate == .parked)
        #expect(try await fixture.status(of: lease.messageID) == .queued)
    }

    @Test func whatAPersonParksOnlyAPersonResumes() async throws {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(3)
        let inFlight = try #require(try await fixture.leaseNow(slots: 1).first)
        let account = inFlight.accountID
        let shown = try await fixture.parkAccount.park(account, reason: "Invoice", for: fixture.acting, requestID: "r")
        #expect(shown.json["state"] == "parked")
        #expect(shown.json["parked"]?["by"] == "operator")
        #expect(shown.json["parked"]?["reason"] == "Invoice")
        #expect(shown.json["parked"]?["next_probe_at"]?.isNull == true)
        #expect(try await fixture.offerAndLease().isEmpty)
        // What was in flight ends as it ends.
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: inFlight)
        #expect(try await fixture.status(of: inFlight.messageID) == .sent)
        #expect(try await fixture.flow().gate == .parked)
        #expect(try await fixture.offerAndLease().isEmpty)

        let resumed = try await fixture.parkAccount.resume(account, for: fixture.acting, requestID: "r")
        #expect(resumed.json["state"] == "open")
        #expect(resumed.json["parked"]?.isNull == true)
        // The walk was told.
        #expect(try await fixture.leaseNow().count == 2)
        #expect(try await fixture.acts(of: account.description) == ["park", "resume"])
        let actors = try await fixture.rows(
            "SELECT DISTINCT actor FROM audit_events WHERE entity_type = 'channel_account'"
        )
        #expect(try actors.map { try $0.get("actor", as: String.self) } == ["key:person"])
    }

    @Test func aPersonMayResumeWhatTheProviderParked() async throws {
        let (fixture, account) = try await self.parked()
        _ = try await fixture.parkAccount.resume(account, for: fixture.acting, requestID: "r")
        #expect(try await fixture.leaseNow().count >= 4)
    }

    @Test func anAccountThatIsNotThereIsNotFound() async throws {
        let (fixture, account) = try await self.parked()
        let stranger = Acting(orgID: .new(), actor: "key:stranger", mode: .live)
        for (id, acting) in [(AccountID.new(), fixture.acting), (account, stranger)] {
            await #expect(throws: Problem.notFound) {
                _ = try await fixture.parkAccount.park(id, reason: nil, for: acting, requestID: "r")
            }
            await #expect(throws: Problem.notFound) {
                _ = try await fixture.parkAccount.resume(id, for: acting, requestID: "r")
            }
        }
        #expect(try await fixture.flow().gateBy == AccountFlow.provider)
    }

    /// An account with five messages that its provider has just refused.
    private func parked() async throws -> (MessagingFixture, AccountID) {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(5)
        let lease = try #require(try await fixture.leaseNow(slots: 1).first)
        try await fixture.tell(self.refusal, of: lease)
        return (fixture, lease.accountID)
    }

    /// The one message that tries when the time has come.
    private func probe(_ fixture: MessagingFixture) async throws -> MessagingAPI.Lease {
        try await fixture.rows("UPDATE account_flows SET probe_at = now() - interval '1 second'")
        let leases = try await fixture.offerAndLease()
        #expect(leases.count == 1)
        return try #require(leases.first)
    }
}
