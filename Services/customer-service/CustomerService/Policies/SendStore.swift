import InternalAPI
import Postgres
import Shared

/// A message that would be counted, if its recipient has not got too many.
struct CountedItem: Sendable {
    /// Its place in the question.
    let index: Int
    let check: CustomerAPI.PolicyCheck
    let customerID: CustomerID
    let cap: Int
}

/// The statements on the table `sends`: what recipients were sent, as far as a cap counts it.
enum SendStore {
    /// Counts messages at the stage `sending`; a message that is counted already is neither refused nor counted again.
    ///
    /// Who is asked about is locked meanwhile, in the order of ids: of two questions at once the later sees what the earlier
    /// counted.
    /// - Returns: the places of those whose recipients have as many as they may get.
    static func count(_ items: [CountedItem], on connection: isolated PostgresConnection) throws -> [Int] {
        guard !items.isEmpty else { return [] }
        let sending = items.filter { $0.check.stage == .sending }
        if !sending.isEmpty { try self.lock(sending, on: connection) }
        let rows = try connection.query(self.counts(of: items))
        var refused: [Int] = []
        var new: [CountedItem] = []
        // Of one customer there may be several in one question.
        var added: [Recipient: Int] = [:]
        for (item, row) in zip(items, rows) where try row.getIfPresent("is_counted") != true {
            let recipient = Recipient(orgID: item.check.orgID, customerID: item.customerID)
            guard try row.get("used", as: Int.self) + added[recipient, default: 0] < item.cap else {
                refused.append(item.index)
                continue
            }
            guard item.check.stage == .sending else { continue }
            added[recipient, default: 0] += 1
            new.append(item)
        }
        if !new.isEmpty { try connection.query(self.insert(new)) }
        return refused
    }

    /// Of each of `items`, in their order: whether it is counted, and how many its recipient has, up to the cap.
    ///
    /// Both are looked up for each item: as `EXISTS` the first could be planned to read all that an organization sent.
    static func counts(of items: [CountedItem]) -> SQL {
        """
        SELECT r.item,
               (SELECT true FROM sends s WHERE s.org_id = r.org_id AND s.message_id = r.message_id) AS is_counted,
               (SELECT count(*) FROM (
                   SELECT FROM sends s
                    WHERE s.org_id = r.org_id AND s.customer_id = r.customer_id AND s.at > r.at - r.days * interval '1 day'
                    LIMIT r.cap) AS w) AS used
          FROM unnest(
                   \(items.map(\.check.orgID))::uuid[], \(items.map(\.check.messageID))::uuid[],
                   \(items.map(\.customerID))::uuid[], \(items.map(\.check.at))::timestamptz[],
                   \(items.map(\.check.rules.capDays))::int[], \(items.map(\.cap))::int[]
               ) WITH ORDINALITY AS r (org_id, message_id, customer_id, at, days, cap, item)
         ORDER BY r.item
        """
    }

    private struct Recipient: Hashable {
        let orgID: OrgID
        let customerID: CustomerID
    }

    private static func lock(_ items: [CountedItem], on connection: isolated PostgresConnection) throws {
        let recipients = Set(items.map { Recipient(orgID: $0.check.orgID, customerID: $0.customerID) })
        _ = try connection.query(
            """
            SELECT FROM unnest(\(recipients.map(\.orgID))::uuid[], \(recipients.map(\.customerID))::uuid[]) AS r (org_id, id)
              JOIN customers u ON u.org_id = r.org_id AND u.id = r.id
             ORDER BY u.org_id, u.id
               FOR NO KEY UPDATE OF u
            """
        )
    }

    private static func insert(_ items: [CountedItem]) -> SQL {
        """
        INSERT INTO sends (org_id, message_id, customer_id, at)
        SELECT * FROM unnest(
            \(items.map(\.check.orgID))::uuid[], \(items.map(\.check.messageID))::uuid[],
            \(items.map(\.customerID))::uuid[], \(items.map(\.check.at))::timestamptz[])
        ON CONFLICT (org_id, message_id) DO NOTHING
        """
    }
}

/// Takes messages out of the counts that were not sent after all.
struct ReleaseSends: Sendable {
    let postgres: PostgresPool

    func callAsFunction(_ sends: [CustomerAPI.CountedSend]) async throws {
        guard !sends.isEmpty else { return }
        _ = try await self.postgres.answers(to: sends, orgID: \.orgID) { sends, connection in
            try connection.query(
                """
                DELETE FROM sends s
                 USING unnest(\(sends.map(\.orgID))::uuid[], \(sends.map(\.messageID))::uuid[]) AS r (org_id, message_id)
                 WHERE s.org_id = r.org_id AND s.message_id = r.message_id
                """
            )
            return sends.map { _ in true }
        }
    }
}
