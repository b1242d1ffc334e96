extension PostgresConnection {
    /// Runs a statement and returns its plan with what it really read, a line each; for tests of what statements cost.
    ///
    /// The statement takes effect: run it in a transaction that ends by throwing, or in a database of the test's own.
    package func explain(_ sql: SQL) throws(PostgresError) -> [String] {
        let rows = try self.query(SQL(text: "EXPLAIN (ANALYZE, BUFFERS) " + sql.text, values: sql.values))
        var lines: [String] = []
        for row in rows { lines.append(try row.get("QUERY PLAN")) }
        return lines
    }
}

extension SQL {
    fileprivate init(text: String, values: [BoundValue?]) {
        self.text = text
        self.values = values
    }
}
