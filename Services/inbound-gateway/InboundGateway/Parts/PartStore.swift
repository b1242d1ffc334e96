import Postgres
import Shared

/// The statement that finds a webhook again by an event it brought, for one organization.
struct PartStore: Sendable {
    let orgID: OrgID

    /// - Returns: nil when it was forgotten, or never came.
    func webhook(
        of eventKey: String,
        accountID: AccountID,
        on connection: isolated PostgresConnection
    ) throws -> WebhookRequest? {
        let rows = try connection.query(
            """
            SELECT \(StoredRequest.columns)
              FROM inbox_events AS e
              JOIN inbox_requests AS r ON r.org_id = e.org_id AND r.id = e.request_id
             WHERE e.org_id = \(self.orgID) AND e.account_id = \(accountID) AND e.event_key = \(eventKey)
            """
        )
        return try rows.first.map { try StoredRequest($0).webhook }
    }
}
