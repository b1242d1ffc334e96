import Postgres
import Shared

/// An address within its organization.
struct IdentityKey: Sendable {
    let orgID: OrgID
    let address: Address
}

/// By bytes: to Swift two spellings of `é` are equal, to Postgres they are two values.
extension IdentityKey: Hashable {
    static func == (left: Self, right: Self) -> Bool {
        left.orgID == right.orgID && left.address.kind == right.address.kind
            && left.address.value.utf8.elementsEqual(right.address.value.utf8)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.orgID)
        hasher.combine(self.address.kind)
        for byte in self.address.value.utf8 { hasher.combine(byte) }
    }
}

/// Whose an address is: table `identities`.
enum IdentityStore {
    /// The customer of each of `keys`, in their order; nil where there is none.
    static func owners(
        of keys: [IdentityKey],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerID?] {
        guard !keys.isEmpty else { return [] }
        return try Self.owners(in: connection.query(Self.find(keys)), count: keys.count)
    }

    /// Makes a customer for each of `keys` that has none, and reads whose they are now.
    ///
    /// An identity that another transaction inserts in the same moment is waited for; then its customer is the answer
    /// and none is made. Nil where that one is gone again. Customers are made from the identities really inserted.
    static func makeOwners(
        of keys: [IdentityKey],
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> [CustomerID?] {
        guard !keys.isEmpty else { return [] }
        let candidates = keys.map { _ in CustomerID.new() }
        let insert = Self.insert(keys, for: candidates)
        let made = Set(try connection.pipeline([Self.checkAtOnce, insert])[1].ids())
        var owners = candidates.map { made.contains($0) ? $0 : nil }
        // What another transaction was quicker with.
        let others = owners.indices.filter { owners[$0] == nil }
        for (index, owner) in zip(others, try Self.owners(of: others.map { keys[$0] }, on: connection)) {
            owners[index] = owner
        }
        return owners
    }

    /// By place instead of by value: to Swift two spellings of `é` are equal, to Postgres they are two values.
    private static func owners(in rows: [Row], count: Int) throws(PostgresError) -> [CustomerID?] {
        var owners = [CustomerID?](repeating: nil, count: count)
        for row in rows {
            owners[try row.get("item", as: Int.self) - 1] = try row.getIfPresent("customer_id")
        }
        return owners
    }

    /// A left join, so that no plan can begin with the table.
    private static func find(_ keys: [IdentityKey]) -> SQL {
        """
        SELECT r.item, i.customer_id
          FROM unnest(
                   \(keys.map(\.orgID))::uuid[],
                   \(keys.map(\.address.kind))::address_kind[],
                   \(keys.map(\.address.value))::text[]
               ) WITH ORDINALITY AS r (org_id, kind, value, item)
          LEFT JOIN identities i ON i.org_id = r.org_id AND i.value = r.value AND i.kind = r.kind
        """
    }

    /// That identities have customers is checked with the statement that makes both, instead of at the end.
    private static let checkAtOnce: SQL = "SET CONSTRAINTS identity_customer IMMEDIATE"

    /// In the order of the key, so that two transactions never wait for each other; returns the candidates that have their key.
    private static func insert(_ keys: [IdentityKey], for candidates: [CustomerID]) -> SQL {
        """
        WITH new AS (
            INSERT INTO identities (org_id, value, kind, customer_id)
            SELECT DISTINCT ON (r.org_id, r.value, r.kind) r.org_id, r.value, r.kind, r.customer_id
              FROM unnest(
                       \(keys.map(\.orgID))::uuid[],
                       \(keys.map(\.address.kind))::address_kind[],
                       \(keys.map(\.address.value))::text[],
                       \(candidates)::uuid[]
                   ) AS r (org_id, kind, value, customer_id)
             ORDER BY r.org_id, r.value, r.kind
            ON CONFLICT ON CONSTRAINT identity_taken DO NOTHING
            RETURNING org_id, customer_id
        ), made AS (
            INSERT INTO customers (org_id, id) SELECT org_id, customer_id FROM new
        )
        SELECT customer_id FROM new
        """
    }
}

extension [Row] {
    fileprivate func ids() throws(PostgresError) -> [CustomerID] {
        var ids: [CustomerID] = []
        ids.reserveCapacity(self.count)
        for row in self { ids.append(try row.get("customer_id")) }
        return ids
    }
}
