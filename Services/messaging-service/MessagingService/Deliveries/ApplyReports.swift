import FaultPoints
package import InternalAPI
package import Postgres
import Shared

/// Stores what providers said, once for each event, and applies it to the messages it speaks of.
///
/// - Source: `POST /internal/reports`, called by inbound-gateway, and by the worker for the sandbox.
package struct ApplyReports: Sendable {
    let postgres: PostgresPool
    let due: DueWork
    let settle: SettleMessages

    package init(postgres: PostgresPool, due: DueWork, settle: SettleMessages) {
        self.postgres = postgres
        self.due = due
        self.settle = settle
    }

    /// - Returns: one effect for each report, in their order; a repeated report has the effect it had first.
    package func callAsFunction(_ reports: [MessagingAPI.AccountReport]) async throws -> MessagingAPI.ReportAnswer {
        guard !reports.isEmpty else { return MessagingAPI.ReportAnswer(effects: []) }
        let orgs = Array(Set(reports.map(\.orgID)))
        let applied = try await self.postgres.transaction(for: orgs, plans: .kept) { connection in
            try self.apply(reports, on: connection)
        }
        self.due.add(applied.settled.dueAccounts)
        self.settle.metrics.tell(applied.settled.events + applied.settled.reports)
        return applied.answer
    }

    private struct Applied: Sendable {
        let answer: MessagingAPI.ReportAnswer
        let settled: SettleMessages.Result
    }

    private func apply(
        _ reports: [MessagingAPI.AccountReport],
        on connection: isolated PostgresConnection
    ) throws -> Applied {
        let references = try ProviderEventStore.references(of: reports, on: connection)
        // The lock comes before the look for known keys: of two deliveries of one event, the second sees the first.
        let keys = Set(
            zip(reports, references).compactMap { report, reference in
                reference.map { MessageKey(orgID: report.orgID, id: $0.messageID) }
            }
        )
        let messages = try SettlementStore.lock(keys.sorted(), on: connection)
        var known = try ProviderEventStore.effects(of: reports, on: connection)

        var events: [AttemptEvent] = []
        var rows: [ProviderEventStore.NewEvent] = []
        var sources: [Int] = []
        for (index, report) in reports.enumerated() where known[EventKey(report)] == nil {
            known[EventKey(report)] = .unmatched
            guard let reference = references[index], let event = DeliveryEvent(report.report) else {
                let stored = references[index] == nil ? .unmatched : StoredEffect(noteOf: report.report)
                let message = messages[report, references[index]]
                rows.append(.init(report, reference: references[index], stored, about: message))
                known[EventKey(report)] = stored.effect
                continue
            }
            sources.append(index)
            events.append(
                AttemptEvent(
                    orgID: report.orgID,
                    reference: reference,
                    event: event,
                    source: .provider(eventKey: report.report.eventKey)
                )
            )
        }
        let clock = messages.clock
        let result = try self.settle.settle(events, in: messages, on: connection)
        for (index, effect) in zip(sources, result.effects) {
            let report = reports[index]
            let stored = StoredEffect(effect)
            rows.append(.init(report, reference: references[index], stored, about: messages[report, references[index]]))
            known[EventKey(report)] = stored.effect
        }
        try ProviderEventStore.insert(rows, clock: clock, on: connection)
        FaultPoint.reportBeforeCommit.reach()
        let traces = zip(reports, references).map { messages[$0, $1]?.traceParent }
        return Applied(
            answer: MessagingAPI.ReportAnswer(
                effects: reports.map { known[EventKey($0)] ?? .unmatched },
                traceParents: traces.contains { $0 != nil } ? traces : nil
            ),
            settled: result
        )
    }
}

extension LockedMessages {
    /// The message that a report speaks of; nil where there is none.
    fileprivate subscript(report: MessagingAPI.AccountReport, reference: AttemptReference?) -> StoredMessage? {
        reference.flatMap { self.settlements[MessageKey(orgID: report.orgID, id: $0.messageID)]?.stored }
    }
}

/// Names one event of one account.
struct EventKey: Hashable, Sendable {
    let orgID: OrgID
    let accountID: AccountID
    let key: String

    init(_ report: MessagingAPI.AccountReport) {
        self.init(orgID: report.orgID, accountID: report.accountID, key: report.report.eventKey)
    }

    init(orgID: OrgID, accountID: AccountID, key: String) {
        (self.orgID, self.accountID, self.key) = (orgID, accountID, key)
    }
}
