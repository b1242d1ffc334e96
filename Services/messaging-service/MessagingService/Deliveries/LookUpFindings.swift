package import InternalAPI
package import Postgres
import Shared

/// Takes in what providers answered when they were asked about uncertain attempts.
///
/// A message that a provider has is sent. One that it twice does not have, ten seconds apart, never arrived: its attempt
/// failed, and its retry policy decides.
package struct LookUpFindings: Sendable {
    /// Between two questions about one attempt.
    package static let interval: Duration = .seconds(10)
    /// How often a provider must not have it.
    package static let checks = 2

    let postgres: PostgresPool
    let settle: SettleMessages

    package init(postgres: PostgresPool, settle: SettleMessages) {
        self.postgres = postgres
        self.settle = settle
    }

    package func callAsFunction(_ findings: [MessagingAPI.LookUpFinding]) async throws {
        var events: [AttemptEvent] = []
        for finding in findings {
            switch finding.answer {
            case .candidates(let ids):
                if let id = try await self.unclaimed(ids, of: finding.attempt) {
                    events.append(finding.event(.sent, providerMessageID: id))
                } else if try await self.count(1, finding) {
                    events.append(finding.event(.failed(.transient, retryAfter: nil), error: .notFound))
                }
            case .absent:
                if try await self.count(1, finding) {
                    events.append(finding.event(.failed(.transient, retryAfter: nil), error: .notFound))
                }
            case .unanswered:
                _ = try await self.count(0, finding)
            }
        }
        try await self.settle(events)
    }

    /// The first id that is not known to be another attempt's.
    private func unclaimed(_ ids: [String], of attempt: MessagingAPI.AttemptKey) async throws -> String? {
        let rows = try await self.postgres.transaction(for: [attempt.orgID]) { connection in
            try connection.query(
                """
                SELECT a.provider_message_id FROM attempts a
                  JOIN messages m ON m.org_id = a.org_id AND m.account_id = a.account_id
                 WHERE a.org_id = \(attempt.orgID) AND m.org_id = \(attempt.orgID) AND m.id = \(attempt.reference.messageID)
                   AND a.provider_message_id = ANY (\(ids)::text[])
                   AND (a.message_id, a.number) <> (\(attempt.reference.messageID), \(attempt.reference.number))
                """
            )
        }
        let claimed = Set(try rows.map { try $0.get("provider_message_id", as: String.self) })
        return ids.first { !claimed.contains($0) }
    }

    /// Counts an answer without the message; true when there were enough of them.
    private func count(_ answers: Int, _ finding: MessagingAPI.LookUpFinding) async throws -> Bool {
        let attempt = finding.attempt
        let rows = try await self.postgres.transaction(for: [attempt.orgID]) { connection in
            try connection.query(
                """
                UPDATE outbox SET
                    checks = checks + \(answers)::smallint,
                    due_at = least(hold_until,
                        clock_timestamp() + \(Int(Self.interval.microseconds))::bigint * interval '1 microsecond')
                 WHERE org_id = \(attempt.orgID) AND message_id = \(attempt.reference.messageID)
                   AND state = 'uncertain' AND epoch = \(attempt.reference.number) AND checks = \(finding.checks)
                RETURNING checks
                """
            )
        }
        return try rows.first.map { try $0.get("checks", as: Int.self) >= Self.checks } ?? false
    }
}

extension MessagingAPI.LookUpFinding {
    fileprivate func event(
        _ kind: DeliveryEvent.Kind,
        error: ProviderError? = nil,
        providerMessageID: String? = nil
    ) -> AttemptEvent {
        AttemptEvent(
            orgID: self.attempt.orgID,
            reference: self.attempt.reference,
            event: DeliveryEvent(kind, error: error, providerMessageID: providerMessageID),
            source: .lookUp
        )
    }
}

extension ProviderError {
    fileprivate static let notFound = ProviderError(
        code: "not-found-at-provider",
        detail: "The provider was asked twice, and does not have the message: it never arrived."
    )
}
