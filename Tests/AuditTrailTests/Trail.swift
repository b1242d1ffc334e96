import AuditTrail
import CustomerService
import Foundation
import Postgres
import Shared
import TestSupport

/// One organization's trail in the customers database, which alone can redact.
struct Trail: Sendable {
    let orgID = OrgID.new()
    let postgres: PostgresPool
    let seal: SealLines

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig(url: TestDatabase.url), logger: .quiet)
        // However slow the machine is, a seal looks at everything.
        self.seal = SealLines(postgres: self.postgres, dear: .seconds(600))
    }

    /// Writes so many lines in one transaction, each a millisecond after the other, as their ids tell.
    @discardableResult
    func write(
        _ count: Int = 1,
        on entity: CustomerID = .new(),
        detail: JSONValue? = ["act": "edit", "language": ["from": "de", "to": "en"]]
    ) async throws -> [ID<AuditEvent>] {
        let records = (0..<count).map { _ in self.record(.updated, on: entity, detail: detail) }
        try await self.postgres.transaction(for: [self.orgID]) { try $0.query(AuditStore.insert(records)) }
        return records.map(\.id).sorted()
    }

    func record(_ action: AuditRecord.Action, on entity: CustomerID, detail: JSONValue? = nil) -> AuditRecord {
        AuditRecord(
            orgID: self.orgID,
            actor: "key:test",
            action: action,
            entityType: .customer,
            entityID: entity.uuid,
            requestID: "request",
            detail: detail
        )
    }

    /// Seals all that waits.
    func sealAll() async throws {
        while try await self.seal(of: self.orgID) {}
    }

    /// Everything that is wrong, and the sums of all steps.
    func verify(known: KnownSeal? = nil) async throws -> VerificationStep {
        var (sum, after, steps) = (VerificationStep(), 0, 0)
        while true {
            let step = try await VerifyTrail(postgres: self.postgres)(of: self.orgID, after: after, known: known)
            sum.findings += step.findings
            (sum.seals, sum.lines, sum.redacted) = (
                sum.seals + step.seals, sum.lines + step.lines, sum.redacted + step.redacted
            )
            (sum.waiting, sum.head, steps) = (step.waiting, step.head, steps + 1)
            guard let next = step.next else {
                sum.next = steps
                return sum
            }
            after = next
        }
    }

    /// Does as one who has the whole database in their hands.
    func tamper(_ script: String) async throws {
        let connection = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await connection.execute(script: script)
        await connection.close()
    }

    /// One value of one row, as text.
    func value(_ sql: SQL) async throws -> String? {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try connection.query(sql).first?.getIfPresent("value")
        }
    }
}

extension VerificationStep {
    /// Each as `line-changed 1 <id>`.
    var told: [String] {
        self.findings.map { finding in
            [finding.kind.rawValue, finding.seal.map(String.init), finding.eventID?.description]
                .compactMap(\.self).joined(separator: " ")
        }
    }
}
