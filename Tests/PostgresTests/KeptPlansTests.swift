import Shared
import TestSupport
import Testing

@testable import Postgres

private let families = Migration(
    1,
    "families",
    Array(
        """
        CREATE TABLE parents (id int PRIMARY KEY);
        CREATE TABLE children (parent_id int NOT NULL CONSTRAINT child_parent REFERENCES parents);
        INSERT INTO parents SELECT generate_series(1, 10);
        GRANT SELECT, INSERT, UPDATE ON parents, children TO postgres_tests;
        CREATE SEQUENCE plannings;
        GRANT USAGE ON SEQUENCE plannings TO postgres_tests;
        -- What is said to never change is asked once for each plan.
        CREATE FUNCTION planning() RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN nextval('plannings'); END $$;
        """.utf8
    )
)

/// Plans are kept while a transaction asks for it, and at no other time.
@Suite(.database(migrations: [families], role: "postgres_tests"), .timeLimit(.minutes(5)))
struct KeptPlansTests {
    private static let mode: SQL = "SELECT current_setting('plan_cache_mode') AS mode"
    /// With a value: what has none is never planned for it.
    private static let planning: SQL = "SELECT planning() + \(0)::int AS planning"
    private let clock = ManualClock()
    private let pool: PostgresPool

    init() throws {
        self.pool = PostgresPool(
            try PostgresConfig(url: TestDatabase.url, poolSize: 1),
            logger: .quiet,
            clock: self.clock
        )
    }

    private func planning(_ plans: Plans) async throws -> Int {
        try await self.pool.transaction(for: [], plans: plans) { connection in
            try connection.query(Self.planning)[0].get("planning")
        }
    }

    @Test(arguments: [(Plans.fresh, "force_custom_plan"), (.kept, "force_generic_plan")])
    func aTransactionHasItsOwnMode(plans: Plans, mode: String) async throws {
        for (plans, mode) in [(plans, mode), (.fresh, "force_custom_plan")] {
            let seen = try await self.pool.transaction(for: [], plans: plans) { connection in
                try connection.query(Self.mode)[0].get("mode", as: String.self)
            }
            #expect(seen == mode)
        }
    }

    /// Of a transaction whose plans are kept, the statements that need it are planned for their values.
    @Test func someStatementsArePlannedForTheirValues() async throws {
        let (within, after, nothing) = try await self.pool.transaction(for: [], plans: .kept) { connection in
            let rows = try connection.pipeline(plans: .fresh, [Self.mode, "SELECT 1 AS one"])
            return (
                [try rows[0][0].get("mode", as: String.self), try rows[1][0].get("one", as: String.self)],
                try connection.query(Self.mode)[0].get("mode", as: String.self),
                try connection.pipeline(plans: .fresh, [])
            )
        }
        #expect(within == ["force_custom_plan", "1"])
        #expect(after == "force_generic_plan")
        #expect(nothing.isEmpty)
    }

    @Test func aRefusedRowLeavesNothingBehind() async throws {
        let rows: SQL = "INSERT INTO children SELECT generate_series(10, 11)"
        await #expect(throws: PostgresError.foreignKeyViolation(constraint: "child_parent")) {
            try await self.pool.transaction(for: [], plans: .kept) { connection in try connection.query(rows) }
        }
        let left = try await self.pool.transaction(for: []) { connection in
            try connection.pipeline([Self.mode, "SELECT FROM children"])
        }
        #expect(try left[0][0].get("mode") == "force_custom_plan")
        #expect(left[1].isEmpty)
    }

    @Test func aKeptPlanIsMadeAgainWhenItIsOld() async throws {
        let first = try await self.planning(.kept)
        #expect(try await self.planning(.kept) == first)
        self.clock.advance(by: KeptPlans.firstAge)
        let second = try await self.planning(.kept)
        #expect(second > first)
        #expect(try await self.planning(.kept) == second)
    }

    @Test func aFreshPlanIsMadeEachTime() async throws {
        let first = try await self.planning(.fresh)
        #expect(try await self.planning(.fresh) > first)
    }
}

/// When plans are made anew.
@Suite struct KeptPlansAgeTests {
    /// Asks each 50 ms, and tells when plans were made anew.
    private func renewals(until end: Duration, served: (Duration) -> Duration = { _ in .zero }) -> [Duration] {
        var plans = KeptPlans()
        var renewals: [Duration] = []
        var now: Duration = .zero
        while now <= end {
            if plans.renew(at: now) { renewals.append(now) }
            plans.served(for: served(now))
            now += .milliseconds(50)
        }
        return renewals
    }

    @Test func youngPlansAreMadeAgainSoonAndOldOnesEachMinute() {
        #expect(
            self.renewals(until: .seconds(200))
                == [0.25, 0.75, 1.75, 3.75, 7.75, 15.75, 31.75, 63.75, 123.75, 183.75].map { .seconds($0) }
        )
    }

    @Test func plansThatTookLongAreMadeAgainWithinSeconds() {
        let slow: Duration = .seconds(130)
        let renewals = self.renewals(until: .seconds(150)) { $0 == slow ? KeptPlans.doubtful + .nanoseconds(1) : .zero }
        #expect(renewals.suffix(2) == [.milliseconds(123_750), .milliseconds(130_050)])
        let steady = self.renewals(until: .seconds(60)) { _ in .seconds(1) }
        #expect(steady.suffix(3) == [.seconds(47.75), .seconds(52.75), .seconds(57.75)])
    }

    @Test func whatIsQuickEnoughIsBeyondDoubt() {
        #expect(self.renewals(until: .seconds(200)) { _ in KeptPlans.doubtful } == self.renewals(until: .seconds(200)))
    }
}
