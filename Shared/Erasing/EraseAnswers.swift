package import Postgres
package import Shared

/// Removes the stored answers of idempotency keys that tell of somebody, key and all: a caller may have made it of an address.
///
/// No index knows whom an answer tells of, so an organization's answers, of seven days at most, are looked through from end to
/// end, in steps. Every service with a table `idempotency_keys` has the same columns.
package struct EraseAnswers: Sendable {
    /// Answers that one step looks through.
    package static let batch = 1000

    let orgID: OrgID

    package init(orgID: OrgID) {
        self.orgID = orgID
    }

    /// - Parameters:
    ///   - texts: an answer that has one of them goes.
    ///   - cursor: what the step before answered; nil for the first.
    ///   - connection: in a transaction.
    /// - Throws: what the database throws.
    /// - Returns: where the next step goes on; nil after the last.
    package func callAsFunction(
        with texts: [String],
        after cursor: String?,
        on connection: isolated PostgresConnection
    ) throws -> String? {
        let place = cursor.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        let (operation, key) = (place?[0]?.string, place?[1]?.string)
        let rows = try connection.query(
            """
            WITH walked AS MATERIALIZED (
                SELECT operation, key, body FROM idempotency_keys
                 WHERE org_id = \(self.orgID)
                   AND (\(operation)::text IS NULL OR (operation, key) > (\(operation)::text, \(key)::text))
                 ORDER BY operation, key LIMIT \(Self.batch)::int
            ), gone AS (
                DELETE FROM idempotency_keys k USING walked w
                 WHERE k.org_id = \(self.orgID) AND k.operation = w.operation AND k.key = w.key
                   AND EXISTS (SELECT FROM unnest(\(texts)::text[]) AS t (text)
                                WHERE position(convert_to(t.text, 'UTF8') IN w.body) > 0)
            )
            SELECT operation, key, count(*) OVER () AS count FROM walked ORDER BY operation DESC, key DESC LIMIT 1
            """
        )
        guard let last = rows.first, try last.get("count", as: Int.self) == Self.batch else { return nil }
        let next: JSONValue = [.string(try last.get("operation")), .string(try last.get("key"))]
        return next.text
    }
}
