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
        let isNewLife: Bool = try rows.first?.get("is_new_life") ?? false
        return isNewLife ? .anotherIncarnation : .same
    }
}
