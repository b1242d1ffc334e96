import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Every end has an entry that says why.
@Suite(.messaging) struct TimelineTests {
    private static let error = ProviderError(code: "131026", detail: "Undeliverable.")

    /// How a message comes to an end, and what its timeline says of it.
    enum End: String, Sendable, CaseIterable {
        case accepted, delivered, read, rejected, outOfAttempts, refusedOnTheWay, notFoundAtProvider
        case poisonous, poisonousAfterResends, resolvedAsSent, resolvedAsFailed, cancelled, expired

        /// The entry's type, the status that it led to, and the code of its error.
        var entry: (type: String, state: String, code: String?) {
            switch self {
            case .accepted: ("attempt_ended", "sent", nil)
            case .delivered: ("provider_report", "delivered", nil)
            case .read: ("provider_report", "read", nil)
            case .rejected, .outOfAttempts: ("attempt_ended", "failed", "131026")
            case .refusedOnTheWay: ("provider_report", "failed", "131026")
            case .notFoundAtProvider: ("attempt_ended", "failed", "not-found-at-provider")
            case .poisonous: ("attempt_ended", "failed", "poisonous")
            case .poisonousAfterResends: ("failed", "failed", "poisonous")
            case .resolvedAsSent: ("resolved", "sent", nil)
            case .resolvedAsFailed: ("resolved", "failed", nil)
            case .cancelled: ("cancelled", "cancelled", nil)
            case .expired: ("expired", "expired", nil)
            }
        }
    }

    @Test(arguments: End.allCases) func everyEndIsExplained(end: End) async throws {
        let fixture = try MessagingFixture(hold: end == .poisonousAfterResends ? .zero : .seconds(120))
        let id = try await self.bring(to: end, fixture)
        let status = try await fixture.status(of: id)
        let expected = end.entry
        #expect(status.rawValue == expected.state)
        let entries = try await fixture.timeline(of: id)
        let isExplained = entries.contains { entry in
            // Which type says that workers crashed in vain is not fixed.
            (entry.type == expected.type || end == .poisonousAfterResends) && entry.state == expected.state
                && (expected.code == nil || entry.code == expected.code)
        }
        #expect(isExplained, "\(entries.map { "\($0.type) \($0.state ?? "-") \($0.code ?? "")" })")
        #expect(entries.map(\.at) == entries.map(\.at).sorted())
        #expect(entries.first?.type == "created")
    }

    private func bring(to end: End, _ fixture: MessagingFixture) async throws -> MessageID {
        let policy: JSONObject = [
            "retry": ["max_retries": end == .poisonousAfterResends ? 5 : 0],
            "on_uncertain": end == .poisonousAfterResends ? "resend" : "hold",
        ]
        let id = try await fixture.send("x", to: "+15550000001", policy)
        switch end {
        case .cancelled:
            try await fixture.act(.cancel, on: id)
            return id
        case .expired:
            try await fixture.rows("UPDATE outbox SET expires_at = now() - interval '1 second'")
            try await fixture.sweep.expire()
            return id
        case .poisonous, .poisonousAfterResends:
            try await self.crash(end, fixture)
            return id
        case .accepted, .delivered, .read, .rejected, .outOfAttempts, .refusedOnTheWay, .notFoundAtProvider,
            .resolvedAsSent, .resolvedAsFailed:
            break
        }
        let lease = try #require(try await fixture.leaseNow().first)
        switch end {
        case .accepted, .delivered, .read, .refusedOnTheWay:
            try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
            try await self.report(end, lease, fixture)
        case .rejected: try await fixture.tell(.rejected(Self.error), of: lease)
        case .outOfAttempts: try await fixture.tell(.failedTransiently(Self.error, retryAfter: nil), of: lease)
        case .notFoundAtProvider:
            try await fixture.tell(.uncertain(Self.error), of: lease)
            for checks in 0...1 {
                try await fixture.lookUpFindings([.init(attempt: lease.attempt, answer: .absent, checks: checks)])
            }
        case .resolvedAsSent, .resolvedAsFailed:
            try await fixture.tell(.uncertain(Self.error), of: lease)
            try await fixture.resolve(id, as: end == .resolvedAsSent ? .sent : .failed)
        case .poisonous, .poisonousAfterResends, .cancelled, .expired: break
        }
        return id
    }

    private func report(_ end: End, _ lease: MessagingAPI.Lease, _ fixture: MessagingFixture) async throws {
        let statuses: [End: ProviderReport.Status] = [
            .delivered: .delivered, .read: .read, .refusedOnTheWay: .failed(Self.error, .permanent),
        ]
        guard let status = statuses[end] else { return }
        let report = ProviderReport(
            eventKey: "1",
            reference: lease.reference,
            providerMessageID: "SM1",
            status: status,
            occurredAt: nil
        )
        _ = try await fixture.apply([.init(orgID: lease.orgID, accountID: lease.accountID, report: report)])
    }

    private func crash(_ end: End, _ fixture: MessagingFixture) async throws {
        for life in 1...(end == .poisonous ? 9 : 3) {
            let leases = try await fixture.leaseNow(worker: fixture.worker(life: Int64(life)))
            #expect(leases.count == 1)
            try await fixture.recover(life: Int64(life + 1), uncertain: end == .poisonousAfterResends ? leases : [])
            try await fixture.sweep.releaseUncertain()
        }
    }
}

extension Timeline.Entry {
    fileprivate var code: String? { self.detail["error"]?["code"]?.string }
}
