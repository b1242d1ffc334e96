import InternalAPI
import Postgres
import Shared
import TestSupport

/// Messages as tests write them, and what the service is called with.
struct Inbound: Sendable {
    let orgID: OrgID
    var accountID = AccountID.new()

    /// A message at `second` of the test's own time.
    func message(
        _ eventKey: String,
        from senders: Address...,
        name: String? = nil,
        keyword: Keyword? = nil,
        channel: Channel = .sms,
        second: Int = 0
    ) -> CustomerAPI.Receive {
        CustomerAPI.Receive(
            orgID: self.orgID,
            accountID: self.accountID,
            eventKey: eventKey,
            channel: channel,
            senders: senders,
            profileName: name,
            keyword: keyword,
            occurredAt: Self.time(second)
        )
    }

    static func time(_ second: Int) -> Timestamp { Timestamp(microseconds: 1_800_000_000_000_000) + .seconds(second) }
}

extension CustomerAPI.Receive {
    /// The same message, to another organization.
    func of(_ orgID: OrgID) -> Self {
        Self(
            orgID: orgID,
            accountID: self.accountID,
            eventKey: self.eventKey,
            channel: self.channel,
            senders: self.senders,
            profileName: self.profileName,
            keyword: self.keyword,
            occurredAt: self.occurredAt
        )
    }
}

extension Stored {
    /// All rows of an organization, sorted: ids as the addresses of the customer, without the times of writing.
    static func everything(of orgID: OrgID) async throws -> [String] {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            let rows = try connection.query(
                """
                WITH labels AS (
                    SELECT customer_id, jsonb_agg(kind || ':' || value ORDER BY value COLLATE "C", kind) AS label
                      FROM identities WHERE org_id = \(orgID) GROUP BY customer_id
                ), stored AS (
                    SELECT 'customer' AS kind, id AS customer_id, to_jsonb(c) AS content FROM customers c
                    UNION ALL SELECT 'identity', customer_id, to_jsonb(i) FROM identities i
                    UNION ALL SELECT 'change', customer_id, to_jsonb(h) FROM consent_changes h
                    UNION ALL SELECT 'consent', customer_id, to_jsonb(s) FROM consents s
                )
                SELECT kind || ' ' || coalesce(label::text, '-') || ' '
                       || (content - '{org_id,id,customer_id,created_at,updated_at,recorded_at}'::text[]) AS line
                  FROM stored LEFT JOIN labels USING (customer_id) ORDER BY 1
                """
            )
            return try rows.map { try $0.get("line") }
        }
    }

    /// What counts now, as `sms marketing opted_out`.
    static func consents(of orgID: OrgID) async throws -> [String] {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT channel || ' ' || purpose || ' ' || status AS line FROM consents WHERE org_id = \(orgID) ORDER BY 1
                """
            ).map { try $0.get("line") }
        }
    }

    /// The names of an organization's customers, sorted; `-` for none.
    static func names(of orgID: OrgID) async throws -> [String] {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query(
                "SELECT coalesce(name, '-') AS name FROM customers WHERE org_id = \(orgID) ORDER BY 1"
            ).map { try $0.get("name") }
        }
    }
}
