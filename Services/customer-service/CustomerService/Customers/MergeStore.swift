import Postgres
import Shared

/// The statements that make everything of one customer another's.
struct MergeStore: Sendable {
    let orgID: OrgID
    let from: CustomerID
    let target: CustomerID

    /// In an order that the foreign keys allow.
    var statements: [SQL] { self.moves + self.consents + self.groups + self.redirects }

    private var moves: [SQL] {
        [
            "UPDATE identities SET customer_id = \(self.target) WHERE org_id = \(self.orgID) AND customer_id = \(self.from)",
            "UPDATE sends SET customer_id = \(self.target) WHERE org_id = \(self.orgID) AND customer_id = \(self.from)",
            """
            UPDATE consent_changes SET customer_id = \(self.target)
             WHERE org_id = \(self.orgID) AND customer_id = \(self.from)
            """,
        ]
    }

    private var consents: [SQL] {
        [
            """
            INSERT INTO consents AS c (org_id, customer_id, channel, purpose, status, source, proof, at, event_key)
            SELECT org_id, \(self.target), channel, purpose, status, source, proof, at, event_key FROM consents
             WHERE org_id = \(self.orgID) AND customer_id = \(self.from)
            ON CONFLICT (org_id, customer_id, channel, purpose) DO UPDATE
               SET status = excluded.status, source = excluded.source, proof = excluded.proof, at = excluded.at,
                   event_key = excluded.event_key
             WHERE (c.at, c.status) < (excluded.at, excluded.status)
            """,
            "DELETE FROM consents WHERE org_id = \(self.orgID) AND customer_id = \(self.from)",
        ]
    }

    private var groups: [SQL] {
        [
            """
            INSERT INTO group_members (org_id, group_id, customer_id)
            SELECT org_id, group_id, \(self.target) FROM group_members
             WHERE org_id = \(self.orgID) AND customer_id = \(self.from)
            ON CONFLICT (org_id, group_id, customer_id) DO NOTHING
            """,
            "DELETE FROM group_members WHERE org_id = \(self.orgID) AND customer_id = \(self.from)",
            "DELETE FROM customer_fields WHERE org_id = \(self.orgID) AND customer_id = \(self.from)",
        ]
    }

    /// Also for those who were merged into the first one before.
    private var redirects: [SQL] {
        [
            """
            UPDATE customer_redirects SET customer_id = \(self.target)
             WHERE org_id = \(self.orgID) AND customer_id = \(self.from)
            """,
            """
            INSERT INTO customer_redirects (org_id, id, customer_id)
            VALUES (\(self.orgID), \(self.from), \(self.target))
            """,
            "DELETE FROM customers WHERE org_id = \(self.orgID) AND id = \(self.from)",
        ]
    }
}
