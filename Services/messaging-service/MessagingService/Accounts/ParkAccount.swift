import AuditTrail
import Postgres
import Shared

/// Closes and opens an account's gate at a person's wish; its messages stay queued.
struct ParkAccount: Sendable {
    let postgres: PostgresPool
    let walk: WakeWalk

    func park(_ id: AccountID, reason: String?, for acting: Acting, requestID: String) async throws -> AccountResource {
        let act = Act(
            .park,
            by: acting.actor,
            requestID: requestID,
            detail: reason.map { ["reason": .string($0)] } ?? [:]
        )
        return try await self.change(id, by: act, of: acting.orgID) { flow, now in
            flow.park(by: acting.actor, reason: reason, now: now)
        }
    }

    func resume(_ id: AccountID, for acting: Acting, requestID: String) async throws -> AccountResource {
        let act = Act(.resume, by: acting.actor, requestID: requestID)
        let account = try await self.change(id, by: act, of: acting.orgID) { flow, _ in flow.open() }
        await self.walk()
        return account
    }

    private func change(
        _ id: AccountID,
        by act: Act,
        of orgID: OrgID,
        _ change: @escaping @Sendable (inout AccountFlow, Timestamp) -> Void
    ) async throws -> AccountResource {
        let key = AccountKey(orgID: orgID, accountID: id)
        return try await self.postgres.transaction(for: [orgID]) { connection in
            let results = try connection.pipeline([OrgClocks.read([orgID]), FlowStore.lock([key])])
            guard var flow = try FlowStore.flows(in: results[1])[key] else { throw Problem.notFound }
            change(&flow, try OrgClocks(results[0]).now(of: orgID))
            try connection.pipeline([
                FlowStore.save([flow]),
                AuditStore.insert([AuditRecord(act, on: .channelAccount, id.uuid, of: orgID)]),
            ])
            guard let account = try AccountStore.find(id, of: orgID, on: connection) else { throw Problem.notFound }
            return account
        }
    }
}
