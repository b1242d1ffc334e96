import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A message is removed with all that is known of it.
@Suite(.messaging) struct DeleteTests {
    private let error = ProviderError(code: "131026", detail: "Undeliverable.")

    @Test func itsRowsAreGoneInAllTables() async throws {
        let fixture = try MessagingFixture()
        let (id, other) = (try await fixture.send(), try await fixture.send())
        for lease in try await fixture.leaseNow() {
            try await fixture.tell(.accepted(providerMessageID: "SM\(lease.messageID)"), of: lease)
            let report = ProviderReport(
                eventKey: "\(lease.reference)",
                reference: lease.reference,
                providerMessageID: nil,
                status: .failed(self.error, .permanent),
                occurredAt: nil
            )
            let told = MessagingAPI.AccountReport(orgID: lease.orgID, accountID: lease.accountID, report: report)
            #expect(try await fixture.apply([told]) == [.applied])
        }
        #expect(try await self.counts(of: id, fixture) == [1, 0, 1, 1, 1])
        #expect(try await fixture.act(.delete, on: id) == .changed(.failed))
        #expect(try await self.counts(of: id, fixture) == [0, 0, 0, 0, 0])
        #expect(try await self.counts(of: other, fixture) == [1, 0, 1, 1, 1])
        // The trail keeps that it was there, and who removed it.
        let audit = try await fixture.rows(
            "SELECT action, actor, detail::text FROM audit_events WHERE entity_id = \(id) ORDER BY id"
        )
        #expect(try audit.map { try $0.get("action", as: String.self) } == ["CREATED", "SENT", "FAILED", "DELETED"])
        #expect(try audit.last?.get("actor") == "key:person")
        #expect(try audit.last?.get("detail", as: String.self).contains("Hello") == false)
    }

    @Test func whoWaitedBehindItGoesOn() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        var ids: [MessageID] = []
        for body in ["first", "second", "third"] { ids.append(try await fixture.send(body, to: "+15550000001")) }
        #expect(try await fixture.act(.delete, on: ids[0]) == .changed(.queued))
        #expect(try await fixture.states(of: ids) == [nil, .ready, .waiting])
        #expect(try await fixture.act(.delete, on: ids[2]) == .changed(.queued))
        #expect(try await fixture.leaseNow().map(\.messageID) == [ids[1]])
        #expect(try await fixture.lane(of: ids[1]).waiting == 0)
    }

    @Test func whatAPersonHasToDecideAboutMayBeRemovedInstead() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let id = try await fixture.send()
        try await fixture.tell(.uncertain(self.error), of: try #require(try await fixture.leaseNow().first))
        try await fixture.sweep.releaseUncertain()
        #expect(try await fixture.act(.delete, on: id) == .changed(.uncertain))
        #expect(try await self.counts(of: id, fixture) == [0, 0, 0, 0, 0])
    }

    @Test func whatAWorkerHasStays() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = try await fixture.leaseNow()
        #expect(try await fixture.act(.delete, on: id) == .refused(.inFlight))
        #expect(try await self.counts(of: id, fixture) == [1, 1, 0, 0, 0])
    }

    @Test func removingItTwiceFindsNothing() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        #expect(try await fixture.act(.delete, on: id) == .changed(.queued))
        #expect(try await fixture.act(.delete, on: id) == .unknown)
    }

    /// What is told of it later finds nothing, and does no harm.
    @Test func reportsAboutItAreUnmatched() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        try await fixture.act(.delete, on: id)
        let report = ProviderReport(
            eventKey: "1",
            reference: lease.reference,
            providerMessageID: "SM1",
            status: .read,
            occurredAt: nil
        )
        let told = MessagingAPI.AccountReport(orgID: lease.orgID, accountID: lease.accountID, report: report)
        #expect(try await fixture.apply([told]) == [.unmatched])
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await self.counts(of: id, fixture) == [0, 0, 0, 0, 0])
    }

    /// In messages, outbox, attempts, provider_events and dead_letters.
    private func counts(of id: MessageID, _ fixture: MessagingFixture) async throws -> [Int] {
        try await fixture.row(
            """
            SELECT ARRAY[
                (SELECT count(*) FROM messages WHERE id = \(id)), (SELECT count(*) FROM outbox WHERE message_id = \(id)),
                (SELECT count(*) FROM attempts WHERE message_id = \(id)),
                (SELECT count(*) FROM provider_events WHERE message_id = \(id)),
                (SELECT count(*) FROM dead_letters WHERE message_id = \(id))] AS counts
            """
        ).get("counts")
    }
}
