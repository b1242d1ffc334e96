package import Postgres
package import Shared

/// Adds a link to an organization's chain, over the lines that no seal has yet.
///
/// A line and the note that it waits are written in one transaction, so none is missed, however late that commits; and of two
/// replicas that make the same link only one can commit it.
package struct SealLines: Sendable {
    /// What is written by another replica, or committed late, may lie before what was sealed.
    private static let margin: Duration = .seconds(5)

    private let postgres: PostgresPool
    let fronts: QueueFronts<OrgID, ID<AuditEvent>>

    /// - Parameters:
    ///   - postgres: of the service's own database.
    ///   - dear: what a look from the beginning takes at least to be done seldom.
    package init(postgres: PostgresPool, dear: Duration = SparingPace.free) {
        self.postgres = postgres
        self.fronts = QueueFronts(free: dear)
    }

    /// - Returns: whether there may be more to seal.
    @discardableResult
    package func callAsFunction(of orgID: OrgID) async throws -> Bool {
        let began = ContinuousClock.now
        let front = self.fronts.front(of: orgID, at: began)
        do {
            let look = try await self.look(at: orgID, from: front)
            if front == nil {
                self.fronts.lookedWholly(at: orgID, upTo: look.end, for: look.cost, until: .now)
            } else {
                self.fronts.looked(at: orgID, upTo: look.end)
            }
            return look.sealed == AuditSeal.mostLines
        } catch PostgresError.uniqueViolation(constraint: "audit_seal_number") {
            // Another replica made it.
            return false
        } catch {
            if front == nil { self.fronts.failedWholly(at: orgID, after: began.duration(to: .now), until: .now) }
            throw error
        }
    }

    private struct Look: Sendable {
        /// How many lines were sealed.
        let sealed: Int
        /// From where on there may be more.
        let end: ID<AuditEvent>
        /// How long it took to find them.
        let cost: Duration
    }

    private func look(at orgID: OrgID, from front: ID<AuditEvent>?) async throws -> Look {
        try await self.postgres.transaction(for: [orgID]) { connection in
            let began = ContinuousClock.now
            let rows = try connection.pipeline([
                SealStore.tryLock(orgID), SealStore.now, SealStore.head(of: orgID),
                SealStore.lines(of: orgID, from: front ?? .first(at: .epoch)),
            ])
            let cost = began.duration(to: .now)
            let now: Timestamp = try rows[1][0].get("now")
            let lines = try rows[3].map { try AuditLine($0) }
            guard let last = lines.last else {
                return Look(sealed: 0, end: .first(at: now - Self.margin), cost: cost)
            }
            guard try rows[0][0].get("is_held") else {
                return Look(sealed: 0, end: .first(at: lines[0].id.time - Self.margin), cost: cost)
            }
            let seal = AuditSeal(
                lines,
                of: orgID,
                after: try rows[2].first.map { try AuditSeal.Head($0) } ?? .none,
                at: now,
                isComplete: front == nil && lines.count < AuditSeal.mostLines
            )
            try connection.pipeline(SealStore.insert(seal))
            return Look(sealed: lines.count, end: .first(at: last.id.time - Self.margin), cost: cost)
        }
    }
}
