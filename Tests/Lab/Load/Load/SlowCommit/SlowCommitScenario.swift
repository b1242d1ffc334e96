import Postgres

/// P11: creates a second when every commit takes 2 ms more.
///
/// The server waits so long before it writes what it has to the disk, as a slower disk would; what comes meanwhile goes with it.
struct SlowCommitScenario: Scenario {
    static let name = ScenarioName.slowCommit

    private static let microseconds = 2000

    func measure(_ lab: Lab) async throws -> Findings {
        let tenant = try await lab.newTenant()
        return try await lab.whilePaused(tenant) {
            let quick = try await MeasureCreates(lab, tenant, full: .seconds(10))()
            guard quick.perSecond > 0 else { throw LoadFailure("No message could be created.") }
            try await self.set(
                ["commit_delay = \(Self.microseconds)", "commit_siblings = 0"].map { "ALTER SYSTEM SET \($0)" },
                of: lab
            )
            let slow = try await MeasureCreates(lab, tenant, full: .seconds(10))()
            try await self.set(["commit_delay", "commit_siblings"].map { "ALTER SYSTEM RESET \($0)" }, of: lab)
            var findings = Findings(values: [.slowCommit: slow.perSecond / quick.perSecond * 100])
            findings.check(quick.tally.outcomes, of: "A create")
            findings.check(slow.tally.outcomes, of: "A create with slow commits")
            return findings
        }
    }

    /// One after the other: they can not stand in a transaction, as what goes together does.
    private func set(_ statements: [String], of lab: Lab) async throws {
        let database = try await lab.database("postgres")
        for statement in statements + ["SELECT pg_reload_conf()"] { try await database.execute(script: statement) }
        await database.close()
    }
}
