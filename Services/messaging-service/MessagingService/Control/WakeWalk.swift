import Postgres

/// Makes every replica look for work again that stood outside: after an account or a queue was opened.
struct WakeWalk: Sendable {
    let engine: PostgresPool
    let probe: ProbeDueWork

    /// A notice that is lost costs no more than the 30 s until the next full look.
    func callAsFunction() async {
        _ = try? await self.engine.run { connection in
            try connection.query(OutboxNotice.toLookAtAll)
        }
        await self.probe.lookAtAll()
    }
}
