package import Postgres
import Shared

/// The statements that measure the queue of all organizations; to be asked as the engine, which sees neither content nor address.
///
/// What each costs has a bound that the length of the queue does not move.
package enum QueueSampleStore {
    /// Pages of the outbox that one look reads: 4 MB, and some 20,000 messages.
    package static let pages = 500
    /// Accounts that one look asks for their oldest message, with three steps into an index for each.
    static let accounts = 10_000
    /// Organizations that are named, where that is switched on.
    static let organizations = 50

    /// How long the outbox is.
    static let size: SQL = "SELECT pg_relation_size('outbox') / current_setting('block_size')::bigint AS pages"

    /// How many messages of each kind there are in `percent` of the outbox's pages.
    package static func counts(in percent: Double) -> SQL {
        """
        SELECT channel, class, state, count(*) AS count
          FROM outbox TABLESAMPLE SYSTEM (\(percent)::real) GROUP BY 1, 2, 3
        """
    }

    /// The organizations with the most messages in them.
    static func organizations(in percent: Double) -> SQL {
        """
        SELECT org_id, count(*) AS count FROM outbox TABLESAMPLE SYSTEM (\(percent)::real)
         GROUP BY 1 ORDER BY 2 DESC LIMIT \(Self.organizations)::int
        """
    }

    /// How long the first message of each channel and class has been due, of accounts that may send.
    ///
    /// The class stands in the order, as a range, because by the time alone the index of all organizations' messages would
    /// serve: for an account without any it was read to its end.
    package static let oldest: SQL = """
        SELECT o.channel, o.class,
               (extract(epoch FROM clock_timestamp() - min(o.due_at)) * 1000000)::bigint AS microseconds
          FROM (SELECT f.org_id, f.account_id FROM account_flows f LEFT JOIN org_settings s ON s.org_id = f.org_id
                 WHERE f.gate IN ('open', 'recovering') AND s.paused_at IS NULL AND s.sandbox IS NOT TRUE
                 LIMIT \(Self.accounts)::int) AS f
         CROSS JOIN (VALUES (0::smallint), (1::smallint), (2::smallint)) AS c (class)
         CROSS JOIN LATERAL (
            SELECT channel, class, due_at FROM outbox
             WHERE org_id = f.org_id AND account_id = f.account_id AND class BETWEEN c.class AND c.class AND state = 'ready'
               AND crashes = 0
             ORDER BY class, due_at LIMIT 1) AS o
         WHERE o.due_at <= now()
         GROUP BY 1, 2
        """

    static let gates: SQL = "SELECT gate, count(*) AS count FROM account_flows GROUP BY 1"

    static let workers: SQL = """
        SELECT beat_at > clock_timestamp() - interval '8 seconds' AS is_alive, count(*) AS count
          FROM workers WHERE beat_at > clock_timestamp() - interval '1 hour' GROUP BY 1
        """

    static let isPaused: SQL = """
        SELECT paused_at IS NOT NULL AS is_paused, fenced_at IS NOT NULL AS is_fenced FROM engine_state
        """
}
