import Postgres
import Shared

/// The statements about senders: tables `identities` and `customers`, and through `ConsentStore` their consents.
enum SenderStore {
    /// What is known of each of `keys`; those that are nobody's are absent.
    static func known(
        _ keys: [IdentityKey],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [IdentityKey: KnownSender] {
        let rows = try connection.query(
            """
            SELECT r.item, i.customer_id, c.name, c.name_seen_at, c.name_event_key
              FROM unnest(
                       \(keys.map(\.orgID))::uuid[],
                       \(keys.map(\.address.kind))::address_kind[],
                       \(keys.map(\.address.value))::text[]
                   ) WITH ORDINALITY AS r (org_id, kind, value, item)
              LEFT JOIN identities i ON i.org_id = r.org_id AND i.value = r.value AND i.kind = r.kind
              LEFT JOIN customers c ON c.org_id = i.org_id AND c.id = i.customer_id
            """
        )
        var known: [IdentityKey: KnownSender] = [:]
        for row in rows {
            guard let customerID = try row.getIfPresent("customer_id", as: CustomerID.self) else { continue }
            known[keys[try row.get("item", as: Int.self) - 1]] = KnownSender(
                customerID: customerID,
                name: try Self.name(in: row)
            )
        }
        return known
    }

    private static func name(in row: Row) throws(PostgresError) -> KnownSender.Name {
        guard let text = try row.getIfPresent("name", as: String.self) else { return .none }
        guard let seenAt = try row.getIfPresent("name_seen_at", as: Timestamp.self) else { return .given }
        return .profile(ProfileName(text: text, seenAt: seenAt, eventKey: try row.get("name_event_key")))
    }

    /// Inserts those of `identities` that nobody has.
    ///
    /// In the order of the key, so that two transactions never wait for each other in a circle.
    /// - Returns: the keys of those inserted.
    static func take(
        _ identities: [SenderPlan.NewIdentity],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Set<IdentityKey> {
        guard !identities.isEmpty else { return [] }
        let rows = try connection.query(
            """
            INSERT INTO identities (org_id, value, kind, customer_id)
            SELECT r.org_id, r.value, r.kind, r.customer_id
              FROM unnest(
                       \(identities.map(\.key.orgID))::uuid[],
                       \(identities.map(\.key.address.kind))::address_kind[],
                       \(identities.map(\.key.address.value))::text[],
                       \(identities.map(\.customerID))::uuid[]
                   ) AS r (org_id, kind, value, customer_id)
             ORDER BY r.org_id, r.value, r.kind
            ON CONFLICT ON CONSTRAINT identity_taken DO NOTHING
            RETURNING org_id, kind, value
            """
        )
        var taken: Set<IdentityKey> = []
        for row in rows {
            let address = Address(kind: try row.get("kind"), value: try row.get("value"))
            taken.insert(IdentityKey(orgID: try row.get("org_id"), address: address))
        }
        return taken
    }

    /// Gives `identities`, which this transaction has taken, to other customers.
    ///
    /// - Throws: `serializationFailure` when one of them was not taken: who had it a moment ago has given it up.
    static func assign(
        _ identities: [SenderPlan.NewIdentity],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) {
        let rows = try connection.query(
            """
            UPDATE identities i SET customer_id = r.customer_id
              FROM unnest(
                       \(identities.map(\.key.orgID))::uuid[],
                       \(identities.map(\.key.address.kind))::address_kind[],
                       \(identities.map(\.key.address.value))::text[],
                       \(identities.map(\.customerID))::uuid[]
                   ) AS r (org_id, kind, value, customer_id)
             WHERE i.org_id = r.org_id AND i.value = r.value AND i.kind = r.kind
            RETURNING i.customer_id
            """
        )
        guard rows.count == identities.count else { throw .serializationFailure }
    }

    /// Writes what else `plan` says; where it says nothing, nothing is asked.
    ///
    /// - Throws: `serializationFailure` when another transaction deleted one of the customers.
    static func save(_ plan: SenderPlan, on connection: isolated PostgresConnection) throws(PostgresError) {
        let customers = plan.changedCustomers
        guard !customers.isEmpty || !plan.newCustomers.isEmpty else { return }
        let held: [Row]
        do throws(PostgresError) {
            held = try connection.pipeline([
                Self.hold(customers), Self.insert(plan.newCustomers), Self.setNames(plan.names),
                ConsentStore.record(plan.changes),
            ])[0]
        } catch .foreignKeyViolation {
            throw .serializationFailure
        }
        guard held.count == customers.count else { throw .serializationFailure }
    }

    /// Keeps customers from being deleted until the transaction ends.
    private static func hold(_ customers: Set<SenderPlan.CustomerKey>) -> SQL {
        let customers = customers.sorted()
        return """
            SELECT c.id
              FROM unnest(\(customers.map(\.orgID))::uuid[], \(customers.map(\.id))::uuid[]) AS r (org_id, id)
              JOIN customers c ON c.org_id = r.org_id AND c.id = r.id
               FOR KEY SHARE OF c
            """
    }

    private static func insert(_ customers: Set<SenderPlan.CustomerKey>) -> SQL {
        """
        INSERT INTO customers (org_id, id)
        SELECT * FROM unnest(\(customers.map(\.orgID))::uuid[], \(customers.map(\.id))::uuid[])
        """
    }

    /// Says once more which name comes first: another transaction may have set one meanwhile.
    private static func setNames(_ names: [SenderPlan.CustomerKey: ProfileName]) -> SQL {
        let names = names.sorted { $0.key < $1.key }
        return """
            UPDATE customers c
               SET name = r.name, name_seen_at = r.seen_at, name_event_key = r.event_key, updated_at = now()
              FROM unnest(
                       \(names.map(\.key.orgID))::uuid[],
                       \(names.map(\.key.id))::uuid[],
                       \(names.map(\.value.text))::text[],
                       \(names.map(\.value.seenAt))::timestamptz[],
                       \(names.map(\.value.eventKey))::text[]
                   ) AS r (org_id, id, name, seen_at, event_key)
             WHERE c.org_id = r.org_id AND c.id = r.id
               AND (c.name IS NULL
                    OR (r.seen_at, r.event_key, r.name COLLATE "C") < (c.name_seen_at, c.name_event_key, c.name COLLATE "C"))
            """
    }
}

extension SenderPlan.CustomerKey: Comparable {
    static func < (left: Self, right: Self) -> Bool {
        left.orgID == right.orgID ? left.id < right.id : left.orgID < right.orgID
    }
}
