package import InternalAPI
package import Postgres
package import Shared

/// The statements on the table `workers`, which belongs to no organization.
package enum WorkerStore {
    package enum Life: Sendable, Equatable {
        /// The latest life of its name; the operator may want it to end, and its supervisor to start another. The time is the database's.
        case alive(mustRestart: Bool, MessagingAPI.Standing, at: Timestamp)
        /// A later life of the worker is known: this one is over, or two workers have one name.
        case superseded
    }

    /// Whether a worker's life is the latest of its name, was heard of within the last seconds, and has not asked anew since:
    /// a row when it is.
    ///
    /// The row stays locked until the claim is committed: a later question waits for that, and sees what it leased.
    static func isAlive(_ worker: MessagingAPI.WorkerIdentity, call: Int) -> SQL {
        """
        SELECT 1 FROM workers
         WHERE name = \(worker.name) AND incarnation = \(Int(worker.incarnation)) AND last_call <= \(call)
           AND beat_at > clock_timestamp() - interval '5 seconds'
           FOR SHARE
        """
    }

    /// Notes that a worker lives, and its latest question; 0 when it asks nothing.
    ///
    /// Closes the fence where the worker remembers more heartbeats than this database: what it answered is gone from it.
    package static func beat(
        _ worker: MessagingAPI.WorkerIdentity,
        call: Int = 0,
        memory: MessagingAPI.Memory? = nil,
        on connection: isolated PostgresConnection
    ) throws(PostgresError) -> Life {
        let results = try connection.pipeline(
            (memory.flatMap { RestoreStore.fence(worker.name, remembering: $0) }.map { [$0] } ?? []) + [
                """
                INSERT INTO workers AS w (name, incarnation, beat_at, last_call, started_at, beats)
                VALUES (\(worker.name), \(Int(worker.incarnation)), clock_timestamp(), \(call), clock_timestamp(), 1)
                ON CONFLICT (name) DO UPDATE SET
                    incarnation = EXCLUDED.incarnation, beat_at = EXCLUDED.beat_at, beats = w.beats + 1,
                    last_call = CASE WHEN w.incarnation = EXCLUDED.incarnation
                        THEN greatest(w.last_call, EXCLUDED.last_call) ELSE EXCLUDED.last_call END,
                    started_at = CASE WHEN w.incarnation = EXCLUDED.incarnation
                        THEN w.started_at ELSE EXCLUDED.started_at END
                 WHERE w.incarnation <= EXCLUDED.incarnation
                RETURNING coalesce((SELECT restart_at FROM engine_state) > w.started_at, false) AS must_restart, beats,
                          beat_at
                """,
                RestoreStore.standing,
            ]
        )
        let rows = results.suffix(2)
        guard let row = rows.first?.first, let state = rows.last?.first else { return .superseded }
        return .alive(
            mustRestart: try row.get("must_restart"),
            MessagingAPI.Standing(
                epoch: try state.get("epoch"),
                beats: Int64(try row.get("beats", as: Int.self)),
                isFenced: try state.get("is_fenced"),
                restoredTo: try state.getIfPresent("restored_to")
            ),
            at: try row.get("beat_at")
        )
    }
}
