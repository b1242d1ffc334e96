import InternalAPI
import Postgres
import Shared

/// What the tables say of recipients.
enum StandingStore {
    /// How it stands with the recipient of each of `items`, in their order; `marks` are those of their addresses, one for each
    /// master key.
    ///
    /// Left joins, so that no plan can begin with a table. Of one address there may be a line for the channel and one for all.
    /// An opt-out of who had the address before counts as long as nothing is known of who has it now.
    static func standings(
        of items: [CustomerAPI.PolicyCheck],
        marks: [[String]],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [RecipientStanding] {
        let asked = zip(items, marks).enumerated().flatMap { place, item in
            item.1.map { (place: place, check: item.0, mark: $0) }
        }
        let rows = try connection.query(
            """
            SELECT r.item, u.id AS customer_id, u.timezone,
                   coalesce(c.status, CASE WHEN k.at IS NOT NULL THEN 'opted_out'::consent_status END) AS status,
                   coalesce(s.id, e.id) IS NOT NULL AS is_suppressed
              FROM unnest(
                       \(asked.map(\.place))::integer[],
                       \(asked.map(\.check.orgID))::uuid[],
                       \(asked.map(\.check.customerID))::uuid[],
                       \(asked.map(\.check.channel))::channel[],
                       \(asked.map { ConsentPurpose($0.check.category) })::consent_purpose[],
                       \(asked.map(\.check.address.kind))::address_kind[],
                       \(asked.map(\.check.address.value))::text[],
                       \(asked.map(\.mark))::text[]
                   ) AS r (item, org_id, customer_id, channel, purpose, kind, value, mark)
              LEFT JOIN customer_redirects d ON d.org_id = r.org_id AND d.id = r.customer_id
              LEFT JOIN identities i
                -- Of who is known already nothing is looked up.
                ON i.org_id = r.org_id AND i.value = CASE WHEN r.customer_id IS NULL THEN r.value END AND i.kind = r.kind
              LEFT JOIN customers u ON u.org_id = r.org_id AND u.id = CASE WHEN d.customer_id IS NOT NULL THEN d.customer_id
                                                                  WHEN r.customer_id IS NOT NULL THEN r.customer_id
                                                                  ELSE i.customer_id END
              LEFT JOIN consents c
                ON c.org_id = r.org_id AND c.customer_id = u.id AND c.channel = r.channel AND c.purpose = r.purpose
              LEFT JOIN suppressions s
                ON s.org_id = r.org_id AND s.value = r.value AND s.kind = r.kind
               AND (s.channel IS NULL OR s.channel = r.channel) AND (s.expires_at IS NULL OR s.expires_at > now())
              LEFT JOIN suppressions e
                ON e.org_id = r.org_id AND e.value = r.mark AND e.kind = r.kind
               AND (e.channel IS NULL OR e.channel = r.channel) AND (e.expires_at IS NULL OR e.expires_at > now())
              LEFT JOIN kept_opt_outs k
                ON k.org_id = r.org_id AND k.address_mark = r.mark AND k.channel = r.channel AND k.purpose = r.purpose
            """
        )
        var standings = [RecipientStanding](repeating: RecipientStanding(), count: items.count)
        for row in rows {
            let index = try row.get("item", as: Int.self)
            standings[index].customerID = try row.getIfPresent("customer_id")
            standings[index].timezone = try row.getIfPresent("timezone")
            // Of an address whose owner has said nothing an earlier key's mark may be the one that is known.
            if let status: ConsentStatus = try row.getIfPresent("status") { standings[index].status = status }
            if try row.get("is_suppressed") { standings[index].isSuppressed = true }
        }
        return standings
    }
}
