import AuditTrail
import CustomerService
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct RedactionTests {
    @Test func whoIsErasedLeavesAChainThatHolds() async throws {
        let trail = try Trail()
        let (ann, bob) = (CustomerID.new(), CustomerID.new())
        // Sealed before the erasure, and after it.
        try await trail.write(2, on: ann)
        try await trail.write(1, on: bob)
        try await trail.sealAll()
        try await trail.write(1, on: ann)
        try await self.erase(ann, in: trail)
        #expect(try await self.details(of: ann, in: trail) == "0")
        #expect(try await self.details(of: bob, in: trail) == "1")
        try await trail.sealAll()
        let whole = try await trail.verify()
        #expect(whole.told == [])
        #expect(whole.redacted == 3 && whole.lines == 5)
        // Again: nothing is left to redact, and no line is written.
        try await self.erase(ann, in: trail)
        #expect(try await trail.verify().waiting == 0)
    }

    @Test func ofWhoHasNoDetailsNothingIsWritten() async throws {
        let trail = try Trail()
        let ann = CustomerID.new()
        try await trail.write(1, on: ann, detail: nil)
        try await self.erase(ann, in: trail)
        #expect(try await trail.verify().waiting == 1)
    }

    /// Removed with the line that it names, a redaction has no reason any more.
    @Test func theReasonCanNotBeTakenAway() async throws {
        let trail = try Trail()
        let ann = CustomerID.new()
        let line = try await trail.write(1, on: ann)[0]
        try await self.erase(ann, in: trail)
        try await trail.sealAll()
        let reason = try #require(
            try await trail.value(
                "SELECT id::text AS value FROM audit_events WHERE org_id = \(trail.orgID) AND action = 'ERASED'"
            )
        )
        try await trail.tamper("DELETE FROM audit_events WHERE id = '\(reason)'")
        let told = ["line-missing 1 \(reason)", "redaction-unexplained 1 \(line)"]
        #expect(try await trail.verify().told.sorted() == told)
    }

    /// The one function that changes the trail: for a reason, in its own organization, and only details.
    @Test func theFunctionDoesNothingElse() async throws {
        let (trail, other) = (try Trail(), try Trail())
        let ann = CustomerID.new()
        let line = try await trail.write(1, on: ann)[0]
        let reason = trail.record(.erased, on: .new())
        try await trail.postgres.transaction(for: [trail.orgID]) { try $0.query(AuditStore.insert(reason)) }
        let attempts: [(OrgID, OrgID, ID<AuditEvent>)] = [
            // A line that says nothing of an erasure, one that is not there, one about somebody else.
            (trail.orgID, trail.orgID, line), (trail.orgID, trail.orgID, .new()), (trail.orgID, trail.orgID, reason.id),
            (other.orgID, trail.orgID, reason.id), (trail.orgID, other.orgID, reason.id),
        ]
        for (scope, org, reason) in attempts {
            try await trail.postgres.transaction(for: [scope]) { connection in
                try connection.query("SELECT redact_audit_events(\(org), \([ann])::uuid[], \(reason))")
            }
        }
        #expect(try await self.details(of: ann, in: trail) == "1")
        await #expect(throws: PostgresError.self) {
            try await trail.postgres.run { connection in
                try connection.query("SELECT redact_audit_events(\(trail.orgID), \([ann])::uuid[], \(reason.id))")
            }
        }
    }

    private func erase(_ id: CustomerID, in trail: Trail) async throws {
        try await trail.postgres.transaction(for: [trail.orgID]) { connection in
            let reason = trail.record(.erased, on: id, detail: ["act": "redact"])
            try AuditStore.redact([id.uuid], because: reason, on: connection)
        }
    }

    private func details(of id: CustomerID, in trail: Trail) async throws -> String? {
        try await trail.value(
            """
            SELECT count(detail)::text AS value FROM audit_events
             WHERE org_id = \(trail.orgID) AND entity_id = \(id) AND action <> 'ERASED'
            """
        )
    }
}
