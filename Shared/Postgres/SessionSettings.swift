/// How to connect, and what holds for the session from its first statement on.
struct SessionSettings: Sendable {
    let url: String
    var name = "herald"
    /// Nil for migrations, which may take their time.
    var statementTimeout: Duration?

    /// Times after which a silent peer is given up; the connection string may say otherwise.
    ///
    /// The connection attempt 3 s; idle connections 10 + 3 x 5 s; sent but unacknowledged data 5 s.
    private static let limits = [
        ("connect_timeout", "3"), ("keepalives", "1"), ("keepalives_idle", "10"), ("keepalives_interval", "5"),
        ("keepalives_count", "3"), ("tcp_user_timeout", "5000"),
    ]

    /// A service looks rows up by their keys and walks indexes, whatever the statistics say.
    ///
    /// Left to itself the planner reads and hashes whole tables where they were empty a moment ago, and to it the policies'
    /// list of organizations looks cheap. A plan is not kept unless a transaction asks for it (`Plans`): one made for an empty
    /// table read a million rows to find a hundred, until the statistics were renewed. Without
    /// `jit` it does not compile what it takes for expensive, and without parallel workers it starts no processes for a count:
    /// either takes tens of milliseconds.
    private static let lookUps = [
        "enable_seqscan=off", "enable_bitmapscan=off", "enable_hashjoin=off", "enable_mergejoin=off",
        "enable_material=off", "jit=off", "plan_cache_mode=force_custom_plan", "max_parallel_workers_per_gather=0",
    ]

    /// What libpq is told, as keyword and value; of two with the same keyword it takes the last.
    ///
    /// `dbname` holds the whole connection string, which libpq expands in its place. The settings travel in the startup
    /// packet, so that they cost no round trip.
    func parameters(optionsOfURL: String?) -> [(keyword: String, value: String)] {
        Self.limits + [("fallback_application_name", self.name), ("dbname", self.url)]
            + [("client_encoding", "UTF8"), ("options", self.options + (optionsOfURL.map { " " + $0 } ?? ""))]
    }

    private var options: String {
        var settings = [
            "TimeZone=UTC", "DateStyle=ISO", "bytea_output=hex", "extra_float_digits=1", "client_min_messages=warning",
            // A transaction's body can not await, so it is never idle for long; this frees the locks of a stuck process.
            "idle_in_transaction_session_timeout=10000",
        ]
        if let statementTimeout {
            settings.append("statement_timeout=\(statementTimeout.wholeMilliseconds)")
            settings += Self.lookUps
        }
        return settings.map { "-c \($0)" }.joined(separator: " ")
    }
}

extension Duration {
    /// At least 1: to Postgres 0 means no limit at all.
    var wholeMilliseconds: Int64 {
        max(1, self.components.seconds * 1000 + self.components.attoseconds / 1_000_000_000_000_000)
    }
}
