import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The order in which a provider's events come makes no difference.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ShuffledReportsTests {
    private static let refusal = ProviderReport.Status.failed(
        ProviderError(code: "131026", detail: "Undeliverable."),
        .permanent
    )
    private static let statuses: [ProviderReport.Status] = [
        .sent, .delivered, .read, refusal, .sent, .delivered, .read,
    ]

    /// All 5,040 orders of seven events.
    @Test(arguments: [(Channel.whatsapp, MessageStatus.read), (.sms, .read), (.email, .failed)])
    func everyOrderOfSevenEventsGivesOneState(channel: Channel, end: MessageStatus) {
        var ends: Set<End> = []
        for order in permutations(of: Array(Self.statuses.indices)) {
            var settlement = Settlement(.standing(.leased, channel: channel), attempts: [])
            for index in order {
                let report = self.report(index, reference: .init(messageID: settlement.stored.id, number: 1))
                guard let event = DeliveryEvent(report) else { continue }
                _ = settlement.apply(
                    AttemptEvent(
                        orgID: settlement.stored.orgID,
                        reference: .init(messageID: settlement.stored.id, number: 1),
                        event: event,
                        source: .provider(eventKey: report.eventKey)
                    ),
                    now: StoredMessage.now,
                    jitter: 1,
                    holding: .init(hold: .seconds(120))
                )
            }
            ends.insert(End(settlement))
        }
        #expect(ends.count == 1)
        #expect(ends.first?.status == end)
        #expect(ends.first?.moments == Moments(sentAt: Self.time(1), deliveredAt: Self.time(2), readAt: Self.time(3)))
    }

    @Test func aHundredShuffledOrdersGiveOneRow() async throws {
        let fixture = try MessagingFixture()
        let ids = try await fixture.sendBatch(100)
        let leases = try await fixture.leaseNow(slots: 100)
        #expect(leases.count == ids.count)
        for lease in leases {
            // The outcome, which brings the provider's id, comes somewhere among them; some are told twice.
            let order = (Array(Self.statuses.indices) + Array(0..<3)).shuffled()
            let place = Int.random(in: 0...order.count)
            for (index, status) in order.enumerated() {
                if index == place {
                    try await fixture.tell(.accepted(providerMessageID: "SM-\(lease.messageID)"), of: lease)
                }
                let echo = Bool.random() ? lease.reference : nil
                let report = self.report(status, of: "SM-\(lease.messageID)", reference: echo)
                _ = try await fixture.apply([.init(orgID: lease.orgID, accountID: lease.accountID, report: report)])
            }
            if place == order.count {
                try await fixture.tell(.accepted(providerMessageID: "SM-\(lease.messageID)"), of: lease)
            }
        }
        try await fixture.matchReports()
        let rows = try await fixture.rows(
            """
            SELECT DISTINCT m.status::text, m.delivered_at, m.read_at, m.failed_at, m.error_code, m.attempt_count, a.state::text,
                   a.error_code AS attempt_error
              FROM messages m JOIN attempts a ON a.org_id = m.org_id AND a.message_id = m.id
            """
        )
        #expect(rows.count == 1)
        let row = try #require(rows.first)
        #expect(try row.get("status") == "read")
        #expect(try row.get("delivered_at", as: Timestamp.self) == Self.time(2))
        #expect(try row.get("read_at", as: Timestamp.self) == Self.time(3))
        #expect(try row.getIfPresent("failed_at", as: Timestamp.self) == nil)
        #expect(try row.getIfPresent("attempt_error", as: String.self) == nil)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 0)
        #expect(
            try await fixture.count("SELECT count(*) AS count FROM provider_events WHERE effect = 'unmatched'") == 0
        )
    }

    /// An email that was delivered and came back has failed, in either order, and shows when it was delivered.
    @Test func anEmailThatComesBackKeepsWhenItWasDelivered() async throws {
        for order in permutations(of: [ProviderReport.Status.delivered, Self.refusal]) {
            let fixture = try MessagingFixture()
            let account = try await fixture.account(.smtp)
            let id = try await fixture.send(
                #"{"to": "ann@example.com", "channel": "email", "subject": "Hi", "body": "x", "retry": {"max_retries": 0}}"#
            )
            let lease = try #require(try await fixture.leaseNow().first)
            try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
            for (index, status) in order.enumerated() {
                let report = ProviderReport(
                    eventKey: "\(index)",
                    reference: lease.reference,
                    providerMessageID: "SM1",
                    status: status,
                    occurredAt: Self.time(9)
                )
                _ = try await fixture.apply([.init(orgID: fixture.orgID, accountID: account, report: report)])
            }
            #expect(try await fixture.status(of: id) == .failed)
            let row = try await fixture.row("SELECT delivered_at, error_code FROM messages")
            #expect(try row.get("delivered_at", as: Timestamp.self) == Self.time(9))
            #expect(try row.get("error_code") == "131026")
        }
    }

    private struct End: Hashable {
        let status: MessageStatus
        let sentAt, deliveredAt, readAt: Timestamp?
        let attempt: AttemptState?
        let isRemoved: Bool

        init(_ settlement: Settlement) {
            self.status = settlement.status
            self.sentAt = settlement.moments.sentAt
            self.deliveredAt = settlement.moments.deliveredAt
            self.readAt = settlement.moments.readAt
            self.attempt = settlement.attempts[1]?.state
            self.isRemoved = settlement.move == .remove
        }

        var moments: Moments { Moments(sentAt: self.sentAt, deliveredAt: self.deliveredAt, readAt: self.readAt) }
    }

    private static func time(_ seconds: Int) -> Timestamp { StoredMessage.now + .seconds(seconds) }

    /// An event of its own for each index; each status has its time, whichever event tells it.
    private func report(
        _ index: Int,
        of providerMessageID: String = "SM1",
        reference: AttemptReference?
    ) -> ProviderReport {
        let status = Self.statuses[index]
        let seconds =
            switch status {
            case .sent: 1
            case .delivered: 2
            case .read: 3
            case .failed, .note: 4
            }
        return ProviderReport(
            eventKey: "\(providerMessageID):\(index)",
            reference: reference,
            providerMessageID: providerMessageID,
            status: status,
            occurredAt: Self.time(seconds)
        )
    }
}
