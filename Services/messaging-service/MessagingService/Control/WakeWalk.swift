import Postgres

/// Makes every replica look for work again that stood outside: after an account or a queue was opened.
struct WakeWalk: Sendable {
    /// What the notice says in the place of a replica's name.
    static let everything = "everything"

    let engine: PostgresPool
    let probe: ProbeDueWork

    /// A notice that is lost costs no more than the 30 s until the next full look.
    func callAsFunction() async {
        _ = try? await self.engine.run { connection in
            try connection.query("SELECT pg_notify(\(OutboxNotice.channel)::text, \(Self.everything)::text)")
        }
        await self.probe.lookAtAll()
    }
}
