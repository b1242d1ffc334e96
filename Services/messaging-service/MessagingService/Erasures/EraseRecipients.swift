import InternalAPI
import Postgres
import Secrets
import Shared

/// Erases recipients of broadcasts who are named by an address alone, and have no message that leads to them: those of a
/// broadcast that is still to be made, and those who were refused.
///
/// Their addresses are compared with what is left of the customer's. The statements read what has no message, and nothing else:
/// of a broadcast at work the recipients behind its cursor, and of any the refused ones, by an index of their own.
struct EraseRecipients: Sendable {
    /// Recipients of one step.
    static let batch = 5000

    struct Place: Sendable, Equatable {
        let broadcastID: ID<Broadcast>
        let number: Int
    }

    let marks: AddressMarks

    /// - Returns: where the next step goes on; nil when that was the last.
    func callAsFunction(
        _ request: ErasureRequest,
        after place: Place?,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> Place? {
        guard !request.marks.isEmpty else { return nil }
        let wanted = Set(request.marks)
        let rows = try connection.query(Self.next(after: place, before: request.before, of: orgID))
        let found = try rows.map { row in
            (
                place: Place(broadcastID: try row.get("id"), number: try row.get("number")),
                address: try row.get("address", as: String.self)
            )
        }
        let theirs = found.filter { !wanted.isDisjoint(with: self.marks.all(of: $0.address, orgID)) }.map(\.place)
        if !theirs.isEmpty { try connection.query(Self.erase(theirs, of: orgID)) }
        return found.count < Self.batch ? nil : found.last?.place
    }

    private static func next(after place: Place?, before time: Timestamp, of orgID: OrgID) -> SQL {
        let last: SQL =
            "CASE WHEN b.id = \(place?.broadcastID)::uuid THEN \(place?.number ?? 0)::int ELSE 0 END"
        return """
            SELECT b.id, r.number, r.address FROM broadcasts b CROSS JOIN LATERAL (
                (SELECT number, address FROM broadcast_recipients
                  WHERE org_id = b.org_id AND broadcast_id = b.id AND number > greatest(b.cursor, \(last))
                    AND b.state <> 'done' AND message_id IS NULL AND refusal IS NULL AND address IS NOT NULL
                  ORDER BY number LIMIT \(Self.batch)::int)
                UNION ALL
                (SELECT number, address FROM broadcast_recipients
                  WHERE org_id = b.org_id AND broadcast_id = b.id AND number > \(last)
                    AND refusal IS NOT NULL AND address IS NOT NULL
                  ORDER BY number LIMIT \(Self.batch)::int)
              ) AS r
             WHERE b.org_id = \(orgID) AND b.created_at < \(time)
               AND (\(place?.broadcastID)::uuid IS NULL OR b.id >= \(place?.broadcastID))
             ORDER BY b.id, r.number LIMIT \(Self.batch)::int
            """
    }

    private static func erase(_ places: [Place], of orgID: OrgID) -> SQL {
        """
        UPDATE broadcast_recipients b
           SET address = \(Erased.prefix) || b.number, customer_id = NULL, parameters = NULL,
               refusal = CASE WHEN b.message_id IS NULL THEN \(Erased.text) END
          FROM unnest(
                   \(places.map { _ in orgID })::uuid[], \(places.map(\.broadcastID))::uuid[], \(places.map(\.number))::int[]
               ) AS r (org_id, broadcast_id, number)
         WHERE b.org_id = r.org_id AND b.broadcast_id = r.broadcast_id AND b.number = r.number
        """
    }
}
