package import Postgres

extension PostgresConnection {
    /// Reads a table outside any scope, by an index: this asks for the scope even where there are no rows to compare with it.
    ///
    /// - Throws: what the policy throws without a scope.
    package func readWithoutScope(_ table: String) throws(PostgresError) {
        try self.execute(script: "SET enable_seqscan = off; SELECT 1 FROM \(table)")
    }
}
