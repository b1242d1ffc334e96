import InternalAPI
import Postgres
import Shared

extension SendStore {
    /// What a customer was sent after `since`.
    static func sends(
        of id: CustomerID,
        _ orgID: OrgID,
        since: Timestamp,
        cap: Int?,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> CustomerAPI.Sends {
        // Of the newest messages as many as the cap has: the first of them is in the way of the next.
        let row = try connection.query(
            """
            SELECT count(*) AS count, min(at) AS oldest,
                   (SELECT at FROM sends
                     WHERE org_id = \(orgID) AND customer_id = \(id) AND at > \(since)
                     ORDER BY at DESC OFFSET greatest(\(cap)::int, 1) - 1 LIMIT 1) AS blocking
              FROM sends WHERE org_id = \(orgID) AND customer_id = \(id) AND at > \(since)
            """
        )[0]
        return CustomerAPI.Sends(
            customerID: id,
            count: try row.get("count"),
            oldest: try row.getIfPresent("oldest"),
            blocking: cap == nil ? nil : try row.getIfPresent("blocking")
        )
    }
}
