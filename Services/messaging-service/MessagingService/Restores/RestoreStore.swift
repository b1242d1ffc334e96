import Foundation
import InternalAPI
import Postgres
import Shared

/// The statements on the fence (`engine_state`) and on `replayed_journals`, which belong to no organization.
enum RestoreStore {
    /// Closes the fence, where a worker remembers more of its heartbeats than the database that it remembers, or another database.
    ///
    /// - Returns: nil for a worker that has nothing to remember.
    static func fence(_ worker: String, remembering memory: MessagingAPI.Memory) -> SQL? {
        guard let epoch = memory.epoch else { return nil }
        return """
            UPDATE engine_state
               SET epoch = gen_random_uuid(), past_epochs = past_epochs || epoch || \(epoch)::uuid,
                   fenced_at = clock_timestamp(),
                   fence_reason = CASE WHEN epoch = \(epoch) THEN 'went-back' ELSE 'another-database' END,
                   restored_to = coalesce((SELECT beat_at FROM workers WHERE name = \(worker)),
                                          (SELECT max(beat_at) FROM workers))
             WHERE CASE WHEN epoch = \(epoch)
                   THEN coalesce((SELECT beats FROM workers WHERE name = \(worker)), 0) < \(Int(memory.beats))::bigint
                   ELSE \(epoch)::uuid <> ALL (past_epochs) END
            """
    }

    /// Whether anything may be sent.
    static let standing: SQL = """
        SELECT epoch, fenced_at IS NOT NULL AS is_fenced, fenced_at, fence_reason, restored_to, reconciled_at, reconciled_by
          FROM engine_state
        """

    /// Notes a part of a journal; the first one begins anew.
    static func note(_ request: MessagingAPI.ReplayRequest, learned: Int, unknown: Int) -> SQL {
        """
        INSERT INTO replayed_journals AS j (epoch, worker, covers_since, attempts, learned, unknown, is_told)
        VALUES (\(request.epoch), \(request.worker.name), \(request.coversSince), \(request.attempts.count)::bigint,
                \(learned)::bigint, \(unknown)::bigint, \(request.isLast))
        ON CONFLICT (epoch, worker) DO UPDATE SET
            covers_since = EXCLUDED.covers_since, is_told = EXCLUDED.is_told, updated_at = now(),
            attempts = EXCLUDED.attempts + CASE WHEN \(request.part == 0)::boolean THEN 0 ELSE j.attempts END,
            learned = EXCLUDED.learned + CASE WHEN \(request.part == 0)::boolean THEN 0 ELSE j.learned END,
            unknown = EXCLUDED.unknown + CASE WHEN \(request.part == 0)::boolean THEN 0 ELSE j.unknown END
        """
    }

    /// The journals that count: of workers that were heard of within a day before the restored point, or that told one since.
    ///
    /// One of a worker that this database never heard of is whole in itself: its first start came later than the point.
    static let journals: SQL = """
        SELECT coalesce(w.name, j.worker) AS worker, coalesce(j.is_told, false) AS is_told, j.covers_since,
               coalesce(j.attempts, 0) AS attempts, coalesce(j.learned, 0) AS learned, coalesce(j.unknown, 0) AS unknown,
               coalesce(j.is_told AND (w.name IS NULL OR w.first_seen_at > e.restored_to
                                       OR j.covers_since <= e.restored_to), false) AS is_whole
          FROM engine_state e
          CROSS JOIN (
              SELECT name AS worker FROM workers UNION SELECT worker FROM replayed_journals
          ) AS known
          LEFT JOIN workers w ON w.name = known.worker
          LEFT JOIN replayed_journals j ON j.worker = known.worker AND j.epoch = e.epoch
         WHERE j.worker IS NOT NULL OR w.beat_at > coalesce(e.restored_to, w.beat_at) - interval '1 day'
         ORDER BY 1
        """

    /// Messages that may have left without a trace: those that were due, and made before the id `before`, with which those begin
    /// that were made after the fence closed.
    static func mayHaveLeft(before: MessageID, atMost limit: Int) -> SQL {
        """
        SELECT org_id, message_id, epoch, state FROM outbox
         WHERE state IN ('scheduled', 'waiting', 'ready', 'leased') AND due_at <= clock_timestamp()
           AND message_id < \(before)
         ORDER BY org_id, message_id LIMIT \(limit)::int
        """
    }

    /// Broadcasts of which it is not known how far they had come.
    static let broadcastsUnderWay: SQL = """
        SELECT org_id, id FROM broadcasts
         WHERE state IN ('scheduled', 'running') AND (cursor < recipients OR NOT is_gathered)
           AND coalesce(scheduled_at, '-infinity') <= clock_timestamp()
         ORDER BY org_id, id LIMIT 1000
        """

    /// Lets messages be sent again; no row when another restore was noticed meanwhile.
    static func open(_ epoch: UUID, by actor: String) -> SQL {
        """
        UPDATE engine_state
           SET fenced_at = NULL, fence_reason = NULL, reconciled_at = clock_timestamp(), reconciled_by = \(actor)
         WHERE epoch = \(epoch) AND fenced_at IS NOT NULL
        RETURNING epoch
        """
    }
}
