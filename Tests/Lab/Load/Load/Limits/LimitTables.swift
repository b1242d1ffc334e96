import Foundation
import Postgres

/// A message and its outbox row, as small as they can be.
enum LimitTables {
    static let database = "limits"
    static let script = """
        CREATE TABLE messages (
            org_id uuid NOT NULL, id uuid NOT NULL, body text NOT NULL, created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (org_id, id)
        );
        CREATE TABLE outbox (
            org_id uuid NOT NULL, message_id uuid NOT NULL, due_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (org_id, message_id)
        )
        """
    static let orgID = UUID()
    static let body = "Your parcel arrives today between 14:00 and 16:00."
}

/// One message and its outbox row in one statement, which is a transaction.
enum CommitLimit {
    static func write(_ connection: isolated PostgresConnection) throws(PostgresError) -> Int {
        try connection.query(
            """
            WITH m AS (
                INSERT INTO messages (org_id, id, body)
                VALUES (\(LimitTables.orgID), \(UUID()), \(LimitTables.body)) RETURNING org_id, id
            )
            INSERT INTO outbox (org_id, message_id) SELECT org_id, id FROM m
            """
        )
        return 1
    }
}

/// 1,000 messages and their outbox rows in one statement.
enum RowLimit {
    private static let messages = 1000

    /// Returns how many messages were written.
    static func write(_ connection: isolated PostgresConnection) throws(PostgresError) -> Int {
        let ids = (0..<self.messages).map { _ in UUID() }
        try connection.query(
            """
            WITH m AS (
                INSERT INTO messages (org_id, id, body)
                SELECT \(LimitTables.orgID), id, \(LimitTables.body) FROM unnest(\(ids)::uuid[]) AS id RETURNING org_id, id
            )
            INSERT INTO outbox (org_id, message_id) SELECT org_id, id FROM m
            """
        )
        return self.messages
    }
}
