import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

@Suite(.messaging) struct ReportTests {
    @Test func reportsMoveAMessageForwardsAndAreIgnoredWhenTheyAreLate() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        #expect(try await fixture.apply([self.report(.read, lease)]) == [.applied])
        #expect(try await fixture.apply([self.report(.delivered, lease)]) == [.ignored])
        #expect(try await fixture.apply([self.report(.sent, lease)]) == [.ignored])
        #expect(try await fixture.status(of: lease.reference.messageID) == .read)
        let row = try await fixture.row("SELECT delivered_at IS NOT NULL AS is_filled FROM messages")
        #expect(try row.get("is_filled") == true)
    }

    @Test func aRepeatedReportHasItsFirstEffectAndNoSecond() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        let report = self.report(.delivered, lease)
        #expect(try await fixture.apply([report, report]) == [.applied, .applied])
        #expect(try await fixture.apply([report]) == [.applied])
        #expect(try await fixture.count("SELECT count(*) AS count FROM provider_events") == 1)
    }

    @Test func aReportWithoutAnEchoIsMatchedByTheProvidersId() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        let report = self.report(.delivered, lease, echo: nil, providerMessageID: "SM1")
        #expect(try await fixture.apply([report]) == [.applied])
    }

    @Test func aReportThatComesBeforeTheOutcomeIsTheTruth() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        #expect(try await fixture.apply([self.report(.delivered, lease)]) == [.applied])
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.status(of: id) == .delivered)
        #expect(try await fixture.leaseNow().isEmpty)
        let attempt = try await fixture.row("SELECT worker, started_at FROM attempts")
        #expect(try attempt.get("worker") == fixture.worker.name)
    }

    @Test func lateEvidenceSettlesAnUncertainMessage() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(ProviderError(code: "timeout", detail: "No answer.")), of: lease)
        #expect(try await fixture.apply([self.report(.delivered, lease)]) == [.applied])
        #expect(try await fixture.status(of: id) == .delivered)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
    }

    @Test func aTransientFailureOnTheWayQueuesTheMessageAgain() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        let failure = ProviderReport.Status.failed(ProviderError(code: "30003", detail: "Unreachable."), .transient)
        #expect(try await fixture.apply([self.report(failure, lease)]) == [.applied])
        #expect(try await fixture.status(of: lease.reference.messageID) == .queued)
        let row = try #require(try await fixture.queued(lease.messageID))
        #expect(row.epoch == 1)
        // Its lane went on without it: it waits outside, and then takes the last place.
        #expect(row.state == .scheduled)
        #expect(row.dueAt > .now + .seconds(30))
    }

    @Test func aReportOfAnUnknownMessageIsKept() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        let report = self.report(.delivered, lease, echo: nil, providerMessageID: "SM-unknown")
        #expect(try await fixture.apply([report]) == [.unmatched])
        #expect(
            try await fixture.count("SELECT count(*) AS count FROM provider_events WHERE effect = 'unmatched'") == 1
        )
    }

    @Test func anAccountCanNotReportOnAnothersMessage() async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        let foreign = MessagingAPI.AccountReport(
            orgID: fixture.orgID,
            accountID: .new(),
            report: self.report(.read, lease).report
        )
        let otherOrg = MessagingAPI.AccountReport(
            orgID: .new(),
            accountID: lease.accountID,
            report: self.report(.read, lease).report
        )
        #expect(try await fixture.apply([foreign, otherOrg]) == [.unmatched, .unmatched])
        #expect(try await fixture.status(of: lease.reference.messageID) == .sent)
    }

    @Test(arguments: [0, 2, 2_147_483_647])
    func anAttemptThatWasNeverMadeCanNotBeReportedOn(number: Int) async throws {
        let fixture = try MessagingFixture()
        let lease = try await self.sent(fixture)
        let forged = AttemptReference(messageID: lease.reference.messageID, number: number)
        let report = self.report(.read, lease, echo: forged, providerMessageID: "SM-forged")
        #expect(try await fixture.apply([report]) == [.unmatched])
        #expect(try await fixture.status(of: lease.reference.messageID) == .sent)
    }

    @Test func whatWasSentAndThenRefusedOnTheWayIsRetriedAsOftenAsItsPolicySays() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "retry": {"delays": ["1h"]}}"#
        )
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        let failure = ProviderReport.Status.failed(ProviderError(code: "30003", detail: "Unreachable."), .transient)
        #expect(try await fixture.apply([self.report(failure, lease)]) == [.applied])
        let row = try await fixture.row("SELECT status::text, attempt_count FROM messages")
        #expect(try row.get("status") == "queued")
        #expect(try row.get("attempt_count") == 1)
    }

    @Test func everyOrderOfReportsEndsInTheSameState() async throws {
        let fixture = try MessagingFixture()
        let failure = ProviderReport.Status.failed(ProviderError(code: "131026", detail: "Undeliverable."), .permanent)
        for order in permutations(of: [ProviderReport.Status.sent, .delivered, .read, failure]) {
            let id = try await fixture.send()
            let lease = try #require(try await fixture.leaseNow().first)
            // Told twice, the second time as other events: what was seen before is not even looked at.
            for (turn, statuses) in [order, order.reversed()].enumerated() {
                for status in statuses { _ = try await fixture.apply([self.report(status, lease, turn: turn)]) }
            }
            try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
            #expect(try await fixture.status(of: id) == .read, "\(order)")
        }
    }

    /// Sends a message that its provider took as `SM1`.
    private func sent(_ fixture: MessagingFixture) async throws -> MessagingAPI.Lease {
        try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        return lease
    }

    private func report(
        _ status: ProviderReport.Status,
        _ lease: MessagingAPI.Lease,
        echo: AttemptReference?,
        providerMessageID: String?,
        turn: Int = 0
    ) -> MessagingAPI.AccountReport {
        MessagingAPI.AccountReport(
            orgID: lease.orgID,
            accountID: lease.accountID,
            report: ProviderReport(
                eventKey: "\(lease.reference):\(status):\(turn)",
                reference: echo,
                providerMessageID: providerMessageID,
                status: status,
                occurredAt: nil
            )
        )
    }

    private func report(
        _ status: ProviderReport.Status,
        _ lease: MessagingAPI.Lease,
        turn: Int = 0
    ) -> MessagingAPI.AccountReport {
        self.report(status, lease, echo: lease.reference, providerMessageID: "SM1", turn: turn)
    }
}
