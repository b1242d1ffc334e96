package import InternalAPI
package import Postgres
import Shared

/// The statements on the table `workers`, which belongs to no organization.
package enum WorkerStore {
    package enum Life: Sendable {
        /// Seen before, or for the first time ever.
        case same
        /// The worker was started anew: what it had leased before is nobody's.
        case anotherIncarnation
        /// A later life of the worker is known: this one is over, or two workers have one name.
        case superseded
    }

    /// Whether a worker's life is the latest of its name, and was heard of within the last seconds.
    static func isAlive(
        _ worker: MessagingAPI.WorkerIdentity,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Bool {
        try !connection.query(
            """
            SELECT 1 FROM workers
             WHERE name = \(worker.name) AND incarnation = \(Int(worker.incarnation))
               AND beat_at > clock_timestamp() - interval '5 seconds'
            """
        ).isEmpty
    }

    /// Notes that a worker lives.
    package static func beat(
        _ worker: MessagingAPI.WorkerIdentity,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Life {
        let rows = try connection.query(
            """
            WITH before AS (SELECT incarnation FROM workers WHERE name = \(worker.name))
            INSERT INTO workers AS w (name, incarnation, beat_at)
            VALUES (\(worker.name), \(Int(worker.incarnation)), clock_timestamp())
            ON CONFLICT (name) DO UPDATE SET incarnation = EXCLUDED.incarnation, beat_at = EXCLUDED.beat_at
             WHERE w.incarnation <= EXCLUDED.incarnation
            RETURNING coalesce((SELECT incarnation FROM before) <> w.incarnation, false) AS is_new_life
            """
        )
        guard let row = rows.first else { return .superseded }
        return try row.get("is_new_life", as: Bool.self) ? .anotherIncarnation : .same
    }
}
