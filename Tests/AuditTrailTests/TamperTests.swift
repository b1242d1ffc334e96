import AuditTrail
import CustomerService
import Postgres
import Shared
import TestSupport
import Testing

/// What somebody does who has the whole database in their hands, and by what it is found.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct TamperTests {
    /// `ORG`, and of nine lines in three seals `L1` to `L9`; `@N` is an id of its own.
    private static let acts: [(script: String, told: [String])] = [
        ("UPDATE audit_events SET actor = 'operator' WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("UPDATE audit_events SET action = 'CREATED' WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("UPDATE audit_events SET at = at - interval '1 second' WHERE id = 'L1'", ["line-changed 1 L1"]),
        ("UPDATE audit_events SET entity_type = 'group' WHERE id = 'L9'", ["line-changed 3 L9"]),
        ("UPDATE audit_events SET entity_id = '@N' WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("UPDATE audit_events SET request_id = NULL WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("UPDATE audit_events SET detail = '{\"act\":\"other\"}' WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("UPDATE audit_events SET salt = '@N' WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("UPDATE audit_events SET detail = NULL WHERE id = 'L5'", ["line-changed 2 L5"]),
        ("DELETE FROM audit_events WHERE id IN ('L2', 'L3')", ["line-missing 1 L2", "line-missing 1 L3"]),
        ("UPDATE audit_events SET id = '@N' WHERE id = 'L5'", ["line-missing 2 L5", "line-added @N"]),
        // Another line, in the middle and at the end.
        (Self.copy("'@N'"), ["line-added @N"]),
        (Self.copy("'ffffffff-ffff-7fff-8fff-ffffffffffff'"), ["line-added ffffffff-ffff-7fff-8fff-ffffffffffff"]),
        // A detail that is gone without anybody having been erased.
        (Self.redact("NULL"), ["redaction-unexplained 2 L5"]), (Self.redact("'L1'"), ["redaction-unexplained 2 L5"]),
        // Seals.
        (
            "DELETE FROM audit_seals WHERE number = 2",
            ["seal-missing 2", "line-added L4", "line-added L5", "line-added L6"]
        ),
        ("DELETE FROM audit_seals WHERE number = 3", ["line-added L7", "line-added L8", "line-added L9"]),
        (
            "DELETE FROM audit_seals WHERE number = 1",
            ["seal-missing 1", "line-added L1", "line-added L2", "line-added L3"]
        ),
        ("UPDATE audit_seals SET sealed_at = sealed_at - interval '1 day' WHERE number = 2", ["seal-changed 2"]),
        ("UPDATE audit_seals SET settled_at = settled_at - interval '1 day' WHERE number = 2", ["seal-changed 2"]),
        ("UPDATE audit_seals SET hash = sha256('x') WHERE number = 3", ["seal-changed 3"]),
        // Whose successor does not follow it any more.
        ("UPDATE audit_seals SET hash = sha256('x') WHERE number = 2", ["seal-changed 2", "seal-changed 3"]),
        ("UPDATE audit_seals SET previous = sha256('x') WHERE number = 2", ["seal-changed 2"]),
        (
            """
            UPDATE audit_seals SET event_hashes = event_hashes || sha256('x'), event_ids = event_ids || uuid '@N' WHERE number = 3
            """,
            ["seal-changed 3", "line-missing 3 @N"]
        ),
        (
            "UPDATE audit_seals SET event_hashes = substr(event_hashes, 1, 64) || sha256('x') WHERE number = 2",
            ["seal-changed 2", "line-changed 2 L6"]
        ),
        (
            "UPDATE audit_seals SET number = 7 WHERE number = 3",
            ["seal-missing 3", "seal-missing 4", "seal-missing 5", "seal-missing 6", "seal-changed 7"]
        ),
    ]

    private static func copy(_ id: String) -> String {
        """
        INSERT INTO audit_events (org_id, id, at, actor, action, entity_type, entity_id)
        SELECT org_id, \(id), at, actor, action, entity_type, entity_id FROM audit_events WHERE id = 'L5'
        """
    }

    private static func redact(_ reason: String) -> String {
        """
        UPDATE audit_events SET detail_hash = sha256(uuid_send(salt) || convert_to(detail::text, 'UTF8')), detail = NULL, salt = NULL,
               redacted_by = \(reason) WHERE id = 'L5'
        """
    }

    /// Nine lines in three seals, and an id among those of the second one.
    private func sealed() async throws -> (trail: Trail, names: [(String, String)]) {
        let trail = try Trail()
        var ids: [ID<AuditEvent>] = []
        for _ in 0..<3 {
            ids += try await trail.write(3)
            try await trail.sealAll()
        }
        ids.sort()
        let new = ID<AuditEvent>.first(at: ids[4].time)
        #expect(try await trail.verify().told == [])
        let names = ids.enumerated().map { ("L\($0 + 1)", "\($1)") } + [("@N", "\(new)")]
        return (trail, names)
    }

    private func named(_ text: String, _ names: [(String, String)]) -> String {
        names.reduce(text) { $0.replacing($1.0, with: $1.1) }
    }

    @Test(arguments: Self.acts)
    func whatWasDoneIsFoundAndNamed(script: String, told: [String]) async throws {
        let (trail, names) = try await self.sealed()
        try await trail.tamper(self.named(script, names))
        #expect(try await trail.verify().told.sorted() == told.map { self.named($0, names) }.sorted())
    }

    /// With a note that it waits, as the service writes one, but of another time.
    @Test func aLineThatClaimsToBeOlderIsFound() async throws {
        let (trail, _) = try await self.sealed()
        let line = trail.record(.updated, on: .new())
        try await trail.postgres.transaction(for: [trail.orgID]) { try $0.query(AuditStore.insert(line)) }
        try await trail.tamper("UPDATE audit_events SET at = at - interval '20 minutes' WHERE id = '\(line.id)'")
        try await trail.sealAll()
        #expect(try await trail.verify().told == ["line-backdated 4 \(line.id)"])
    }

    @Test func aLineThatWaitsCanNotBeTakenAway() async throws {
        let (trail, _) = try await self.sealed()
        let lines = try await trail.write(2)
        try await trail.tamper("DELETE FROM audit_events WHERE id = '\(lines[0])'")
        try await trail.tamper("DELETE FROM audit_unsealed WHERE event_id = '\(lines[1])'")
        let told = ["line-added \(lines[1])", "line-missing \(lines[0])"]
        #expect(try await trail.verify().told == told)
        // What is gone does not keep the rest from being sealed.
        try await trail.write()
        try await trail.sealAll()
        #expect(try await trail.verify().told == told)
    }

    /// Who can write everything can make a new chain of what they left; but not the one whose end was noted elsewhere.
    @Test(arguments: [1, 2, 3])
    func aNewChainIsFoundByASealThatIsKnown(number: Int) async throws {
        let (trail, names) = try await self.sealed()
        let hash = try #require(
            try await trail.value(
                """
                SELECT encode(hash, 'hex') AS value FROM audit_seals
                 WHERE org_id = \(trail.orgID) AND number = \(number)::bigint
                """
            )
        )
        let known = try #require(KnownSeal("\(number):\(hash)"))
        #expect(try await trail.verify(known: known).told == [])
        try await trail.tamper(
            self.named(
                """
                DELETE FROM audit_events WHERE id = 'L1';
                DELETE FROM audit_seals; DELETE FROM audit_unsealed;
                INSERT INTO audit_unsealed SELECT org_id, id FROM audit_events
                """,
                names
            )
        )
        try await trail.sealAll()
        #expect(try await trail.verify().told == [])
        let told = number == 1 ? "seal-changed 1" : "seal-missing \(number)"
        #expect(try await trail.verify(known: known).told == [told])
    }

    @Test(arguments: [
        "", "1", "0:\(hash)", "01:\(hash)", "1:\(hash)0", "1:\(hash.dropLast())", "1:\(hash.dropLast())g", "-1:\(hash)",
    ])
    func aKnownSealIsReadStrictly(text: String) {
        #expect(KnownSeal(text) == nil)
        #expect(KnownSeal("1:\(hash.uppercased())")?.text == "1:\(hash)")
    }
}

private let hash = String(repeating: "0a", count: 32)
