package import Postgres
import Shared
import Synchronization

/// Applies reports that came before anybody knew the provider's id of their message.
///
/// Usually the outcome that brings the id finds them (`SettleMessages`). Where the two transactions passed each other, neither
/// saw what the other wrote: then this finds them, a few seconds later.
package struct MatchReports: Sendable {
    /// How far back is looked every few seconds: much longer than any transaction.
    package static let recent: Duration = .seconds(60)
    /// How far back is looked now and then; what is older is given up (`ReapOldRows`).
    package static let longest: Duration = .seconds(30 * 86_400)
    /// Reports in one transaction, so that none is long.
    static let batch = 500

    /// Sees the unmatched reports of every organization, and nothing of them but their names and times.
    let engine: PostgresPool
    let postgres: PostgresPool
    let due: DueWork
    let settle: SettleMessages

    package init(engine: PostgresPool, postgres: PostgresPool, due: DueWork, settle: SettleMessages) {
        self.engine = engine
        self.postgres = postgres
        self.due = due
        self.settle = settle
    }

    /// Looks at those that came within `span`, and returns how many were matched.
    @discardableResult
    package func callAsFunction(of span: Duration = Self.recent) async throws -> Int {
        var matched = 0
        var last: WaitingReport?
        while true {
            let after = last
            let reports = try await self.engine.run { connection in
                try connection.query(ProviderEventStore.waiting(for: span, after: after, atMost: Self.batch)).map {
                    try WaitingReport($0)
                }
            }
            matched += try await self.match(reports)
            guard reports.count == Self.batch else { return matched }
            last = reports.last
        }
    }

    private func match(_ reports: [WaitingReport]) async throws -> Int {
        let others = Mutex((due: Set<DueAccount>(), reports: [SettledEvent]()))
        let matches = try await self.postgres.answers(to: reports, orgID: \.key.orgID) { reports, connection in
            let keys = reports.map(\.key)
            let found = try connection.query(ProviderEventStore.matches(of: keys)).map { try MatchedReport($0) }
            guard !found.isEmpty else { return keys.map { _ in false } }
            let messages = try SettlementStore.lock(Set(found.map(\.message)).sorted(), on: connection)
            // Again, under the locks: an outcome may have found them meanwhile.
            let left = try connection.query(ProviderEventStore.matches(of: found.map(\.key))).map {
                try MatchedReport($0)
            }
            let result = try self.settle.settle([], in: messages, matching: left, on: connection)
            others.withLock { others in
                others.due.formUnion(result.dueAccounts)
                others.reports += result.reports
            }
            let matched = Set(left.map(\.key))
            return keys.map(matched.contains)
        }
        let (due, told) = others.withLock { ($0.due, $0.reports) }
        self.due.add(due)
        self.settle.metrics.tell(told)
        return matches.count { $0 }
    }
}

/// A report whose message is not known, by its name.
struct WaitingReport: Sendable {
    let key: EventKey
    let receivedAt: Timestamp

    init(_ row: Row) throws {
        self.key = try EventKey(row)
        self.receivedAt = try row.get("received_at")
    }
}
