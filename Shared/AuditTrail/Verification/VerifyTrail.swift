package import Postgres
package import Shared

/// Compares a trail with its seals, one bounded step at a time, from the first seal to the last and the lines behind it.
///
/// What is changed, removed or added in the tables is found and named. Who can write all of them can also make a new chain of the
/// whole; a seal that was noted elsewhere (`KnownSeal`) shows that.
package struct VerifyTrail: Sendable {
    /// A transaction ends long before this.
    static let longestTransaction: Duration = .seconds(15 * 60)

    private let postgres: PostgresPool

    package init(postgres: PostgresPool) {
        self.postgres = postgres
    }

    /// Looks at the seals after `number`, which is 0 at the beginning, and at the lines that they are about.
    ///
    /// `known` is a seal that must still be there; it is looked up in the first step.
    package func callAsFunction(
        of orgID: OrgID,
        after number: Int,
        known: KnownSeal? = nil
    ) async throws -> VerificationStep {
        try await self.postgres.transaction(for: [orgID]) { connection in
            var step = VerificationStep()
            if number == 0, let known { try Self.look(for: known, of: orgID, &step, on: connection) }
            let numbers = try connection.query(VerificationStore.numbers(of: orgID, after: number)).map {
                try $0.get("number", as: Int.self)
            }
            let before = try connection.query(VerificationStore.head(of: orgID, number: number)).first
            let start = try before.map { try AuditSeal.Head($0) } ?? .none
            if number > 0, before == nil { step.findings.append(.init(.sealMissing, seal: number)) }
            guard let first = numbers.first, let last = numbers.last else {
                step.head = start.number == 0 ? nil : start.known
                return try Self.ended(step, of: orgID, on: connection)
            }
            let seals = try connection.query(VerificationStore.seals(of: orgID, first...last)).map { try AuditSeal($0) }
            try Self.check(seals, from: start, after: number, of: orgID, &step, on: connection)
            step.head = seals.last?.head.known
            step.next = seals.last?.number
            return step
        }
    }

    private static func look(
        for known: KnownSeal,
        of orgID: OrgID,
        _ step: inout VerificationStep,
        on connection: isolated PostgresConnection
    ) throws {
        let row = try connection.query(VerificationStore.head(of: orgID, number: known.number)).first
        guard let row else { return step.findings.append(.init(.sealMissing, seal: known.number)) }
        if try AuditSeal.Head(row).known != known { step.findings.append(.init(.sealChanged, seal: known.number)) }
    }

    private static func check(
        _ seals: [AuditSeal],
        from start: AuditSeal.Head,
        after number: Int,
        of orgID: OrgID,
        _ step: inout VerificationStep,
        on connection: isolated PostgresConnection
    ) throws {
        let ids = seals.flatMap { $0.entries.map(\.id) }
        let rows = try connection.query(VerificationStore.lines(of: orgID, ids))
        let lines = Dictionary(try rows.map { try AuditLine($0) }.map { ($0.id, $0) }) { first, _ in first }
        let reasons = Set(
            lines.values.compactMap { line -> ID<AuditEvent>? in
                if case .by(let reason) = line.redaction { reason } else { nil }
            }
        )
        let erasures = try connection.query(VerificationStore.erasures(of: orgID, among: Array(reasons)))
        let check = CheckSeals(lines: lines, erasures: Set(try erasures.map { try $0.get("id") }))
        check(seals, from: start, after: number, &step)

        guard let first = seals.first, let last = seals.last else { return }
        let unknown = try connection.query(
            VerificationStore.unknown(
                of: orgID,
                after: start.throughID,
                seals: first.number...last.number,
                through: last.throughID
            )
        ).map { try $0.get("id", as: ID<AuditEvent>.self) }
        guard !unknown.isEmpty else { return }
        let later = try connection.query(VerificationStore.sealedLater(unknown, of: orgID, than: last.number))
        let known = Set(try later.map { try $0.get("id", as: ID<AuditEvent>.self) })
        step.findings += unknown.filter { !known.contains($0) }.prefix(VerificationStore.mostFindings)
            .map { AuditFinding(.lineAdded, $0) }
    }

    private static func ended(
        _ step: VerificationStep,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> VerificationStep {
        var step = step
        let ids = { (rows: [Row]) in try rows.map { try $0.get("id", as: ID<AuditEvent>.self) } }
        step.findings += try ids(connection.query(VerificationStore.strays(of: orgID))).map { .init(.lineAdded, $0) }
        step.findings += try ids(connection.query(VerificationStore.lost(of: orgID))).map { .init(.lineMissing, $0) }
        step.waiting = try connection.query(VerificationStore.waiting(of: orgID))[0].get("count")
        return step
    }
}

extension AuditSeal.Head {
    var known: KnownSeal {
        let digits = self.hash.flatMap { [hexadecimalDigit($0 >> 4), hexadecimalDigit($0 & 0x0F)] }
        return KnownSeal(number: self.number, hash: String(decoding: digits, as: UTF8.self))
    }
}
