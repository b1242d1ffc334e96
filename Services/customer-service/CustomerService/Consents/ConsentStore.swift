import Postgres
import Shared

/// What was said about consents, and what counts of it: tables `consent_changes` and `consents`.
enum ConsentStore {
    /// Records `changes`, and lets those count that are later than what counted.
    ///
    /// Both tables depend on which changes there are, and not on the order in which they come: one that is known is left out,
    /// and of two the later one counts, at the same time that with the greater event key. In the order of the keys, so
    /// that two transactions never wait for each other.
    static func record(_ changes: [ConsentChange]) -> SQL {
        """
        WITH new AS (
            INSERT INTO consent_changes (org_id, id, customer_id, channel, purpose, status, source, proof, at, event_key,
                                         account_id)
            SELECT r.org_id, r.id, r.customer_id, r.channel, r.purpose, r.status, r.source, r.proof, r.at, r.event_key,
                   r.account_id
              FROM unnest(
                       \(changes.map(\.orgID))::uuid[],
                       \(changes.map { _ in ID<ConsentChange>.new() })::uuid[],
                       \(changes.map(\.customerID))::uuid[],
                       \(changes.map(\.channel))::channel[],
                       \(changes.map(\.purpose))::consent_purpose[],
                       \(changes.map(\.status))::consent_status[],
                       \(changes.map(\.source))::text[],
                       \(changes.map(\.proof))::text[],
                       \(changes.map(\.at))::timestamptz[],
                       \(changes.map(\.eventKey))::text[],
                       \(changes.map(\.accountID))::uuid[]
                   ) AS r (org_id, id, customer_id, channel, purpose, status, source, proof, at, event_key, account_id)
             ORDER BY r.org_id, r.event_key COLLATE "C", r.account_id, r.channel, r.purpose
            ON CONFLICT ON CONSTRAINT consent_change_known DO NOTHING
            RETURNING org_id, customer_id, channel, purpose, status, source, proof, at, event_key
        )
        INSERT INTO consents AS c (org_id, customer_id, channel, purpose, status, source, proof, at, event_key)
        SELECT DISTINCT ON (org_id, customer_id, channel, purpose) * FROM new
         ORDER BY org_id, customer_id, channel, purpose, at DESC, event_key DESC, status DESC
        ON CONFLICT (org_id, customer_id, channel, purpose) DO UPDATE
           SET status = excluded.status, source = excluded.source, proof = excluded.proof, at = excluded.at,
               event_key = excluded.event_key
         WHERE (c.at, c.event_key, c.status) < (excluded.at, excluded.event_key, excluded.status)
        """
    }

    /// What counts for one channel and purpose.
    static func find(_ channel: Channel, _ purpose: ConsentPurpose, of id: CustomerID, _ orgID: OrgID) -> SQL {
        """
        SELECT * FROM consents
         WHERE org_id = \(orgID) AND customer_id = \(id) AND channel = \(channel) AND purpose = \(purpose)
        """
    }

    /// What counts of a customer.
    static func all(of id: CustomerID, _ orgID: OrgID) -> SQL {
        "SELECT * FROM consents WHERE org_id = \(orgID) AND customer_id = \(id) ORDER BY channel, purpose"
    }

    /// One page of what was said, what was recorded last first.
    static func history(
        of id: CustomerID,
        _ orgID: OrgID,
        before cursor: ID<ConsentChange>?,
        limit: Int
    ) -> SQL {
        """
        SELECT * FROM consent_changes
         WHERE org_id = \(orgID) AND customer_id = \(id) AND (\(cursor)::uuid IS NULL OR id < \(cursor))
         ORDER BY id DESC LIMIT \(limit)::int
        """
    }
}
