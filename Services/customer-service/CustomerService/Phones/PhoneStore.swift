import Postgres
import Shared

/// The parts of telephone numbers: tables `phone_endings`, and `new_phones` for numbers that have no endings yet.
enum PhoneStore {
    /// Gives some new numbers their endings.
    ///
    /// The numbers are held first, so that one which goes meanwhile takes its endings with it; one that is held by whoever
    /// takes it away is not waited for.
    /// - Returns: whether there were any.
    /// - Throws: `PostgresError.lockTimeout` where a number is being taken away.
    static func index(
        atMost limit: Int,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Bool {
        let rows = try connection.query(
            """
            SELECT id, phones FROM (
                SELECT id, phones, sum(cardinality(phones)) OVER (ORDER BY id) - cardinality(phones) AS before
                  FROM (SELECT id, phones FROM new_phones WHERE org_id = \(orgID) ORDER BY id LIMIT \(limit)::int) AS n
              ) AS n WHERE before < \(limit)
            """
        )
        guard !rows.isEmpty else { return false }
        let ids: [ID<NewPhones>] = try rows.map { row throws(PostgresError) in try row.get("id") }
        let phones: [[String]] = try rows.map { row throws(PostgresError) in try row.get("phones") }
        let held: [String] = try connection.query(
            """
            SELECT value FROM identities WHERE org_id = \(orgID) AND value = ANY (\(phones.flatMap(\.self))::text[]) AND kind = 'phone'
             ORDER BY value FOR KEY SHARE NOWAIT
            """
        ).map { row throws(PostgresError) in try row.get("value") }
        try connection.query(
            """
            WITH indexed AS (
                DELETE FROM new_phones WHERE org_id = \(orgID) AND id = ANY (\(ids)::uuid[]) RETURNING phones
            )
            INSERT INTO phone_endings (org_id, ending, value)
            SELECT \(orgID), substr(p.value, n), p.value
              FROM indexed CROSS JOIN unnest(phones) AS p (value) CROSS JOIN generate_series(2, length(p.value) - 2) AS n
             WHERE p.value = ANY (\(held)::text[])
             ORDER BY 2, 3
            ON CONFLICT DO NOTHING
            """
        )
        return true
    }

    /// The condition on `phone_endings e` that a number has these digits: from the digits themselves up to what follows them,
    /// for a colon comes after 9.
    static func ends(with digits: String) -> SQL {
        "e.ending >= \(digits)::text AND e.ending < \("\(digits):")::text"
    }

    /// The numbers with these digits that have no endings yet, as `value`.
    static func new(with digits: String, of orgID: OrgID) -> SQL {
        """
        SELECT p.value FROM new_phones n CROSS JOIN unnest(n.phones) AS p (value)
         WHERE n.org_id = \(orgID) AND strpos(p.value, \(digits)) > 0
        """
    }
}

/// Numbers that came with one statement.
enum NewPhones {}
