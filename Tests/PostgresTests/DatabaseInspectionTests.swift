import Configuration
import Shared
import TestSupport
import Testing

@testable import Postgres

/// What a service finds wrong with its database, in a sentence each.
struct DatabaseInspectionTests {
    private static let migrations = (1...3).map { Migration($0, "step_\($0)", Array("SELECT 1".utf8)) }

    @Test(
        arguments: [
            ([1, 2, 3], nil),
            (
                [1, 2],
                "the schema is older than this program, which needs migration 3 where there is migration 2: run s migrate"
            ),
            ([], "the schema is older than this program, which needs migration 3 where there is none: run s migrate"),
            (
                [1, 2, 3, 4],
                "the schema is newer than this program, which knows migration 3 where there is 4: start a newer program"
            ),
        ] as [([Int], String?)]
    )
    func theSchemaIsCompared(applied: [Int], finding: String?) {
        let names = Dictionary(uniqueKeysWithValues: applied.map { ($0, "step_\($0)") })
        #expect(DatabaseInspection.schema(names, Self.migrations, "s") == (finding.map { [$0] } ?? []))
    }

    @Test func anotherServicesDatabaseIsNoticed() {
        let found = DatabaseInspection.schema([1: "other"], Self.migrations, "s")
        #expect(found.first?.contains("is it the right database?") == true)
    }

    @Test(
        arguments: [
            (0, nil), (59, nil), (-59, nil),
            (3600, "the database's clock is 60 min ahead of this machine's: set the one that is wrong"),
            (-3600, "the database's clock is 60 min behind this machine's: set the one that is wrong"),
            (86_400, "the database's clock is 24 h ahead of this machine's: set the one that is wrong"),
        ] as [(Int, String?)]
    )
    func clocksAreCompared(seconds: Int, finding: String?) {
        let now = Timestamp.now
        #expect(
            DatabaseInspection.clock(now + .seconds(seconds), between: now, now) == (finding.map { [$0] } ?? [])
        )
    }

    @Test func aServerThatDoesNotAnswerIsNamed() async {
        let reader = ConfigReader.test(["postgres.url": "host=127.0.0.1 port=1 dbname=x"])
        let found = await DatabaseInspection.findings(of: Self.migrations, service: "s", in: reader)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("POSTGRES_URL: the database does not answer: ") == true)
    }
}

private let applied = [Migration(1, "create", Array("CREATE TABLE things (id int PRIMARY KEY)".utf8))]

/// The same with a real database.
@Suite(.database(migrations: applied, role: "postgres_tests"))
struct InspectedDatabaseTests {
    @Test func theServicesOwnRoleSeesTheSchema() async {
        #expect(await self.findings(applied) == [])
        let newer = applied + [Migration(2, "more", Array("SELECT 1".utf8))]
        #expect(
            await self.findings(newer) == [
                "POSTGRES_URL: the schema is older than this program, which needs migration 2 where there is migration 1: run s migrate"
            ]
        )
        #expect(await self.findings([]).first?.contains("is newer than this program") == true)
    }

    private func findings(_ migrations: [Migration]) async -> [String] {
        let reader = ConfigReader.test(["postgres.url": TestDatabase.url])
        return await DatabaseInspection.findings(of: migrations, service: "s", in: reader)
    }
}
