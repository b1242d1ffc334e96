import Logging
import Postgres
import ServiceLifecycle
import Shared

/// Works on broadcasts, some steps of each in turn, so that a short one does not wait for a long one.
///
/// A replica that dies leaves a broadcast where its last transaction ended, and another goes on from there.
struct RunBroadcasts: Service {
    /// How often it is looked for broadcasts whose time has come, or that another replica left.
    static let interval: Duration = .milliseconds(500)
    /// Broadcasts of one round.
    static let most = 50

    /// Sees the broadcasts of every organization, and nothing of them but when they go on.
    let engine: PostgresPool
    let postgres: PostgresPool
    let gather: GatherAudience
    let expand: ExpandBroadcast
    let finish: FinishBroadcast
    let wakeMessages: WakeMessages
    let wake: JobSignal
    let clock: any Clock<Duration>
    let logger: Logger
    /// Steps of one round, which its broadcasts share; each makes one at least.
    var steps = 16

    func run() async throws {
        let loop = WorkLoop(wake: self.wake, interval: Self.interval, clock: self.clock, logger: self.logger)
        await loop.run("broadcasts") { try await self.stepAll() }
    }

    /// - Returns: whether there was something to do.
    func stepAll() async throws -> Bool {
        let due = try await self.engine.run { connection in
            try connection.query(BroadcastStore.due(limit: Self.most)).map { row in
                (orgID: try row.get("org_id", as: OrgID.self), id: try row.get("id", as: ID<Broadcast>.self))
            }
        }
        var hasWorked = false
        let steps = max(1, self.steps / max(1, due.count))
        for broadcast in due {
            do {
                if try await self.work(on: broadcast.id, of: broadcast.orgID, steps: steps) { hasWorked = true }
            } catch is CancellationError {
                return false
            } catch {
                // One that can not go on holds up no other.
                self.logger.warning(
                    "broadcast can not go on",
                    metadata: [
                        "org.id": "\(broadcast.orgID)", "broadcast.id": "\(broadcast.id)",
                        "error": "\(String(reflecting: error))",
                    ]
                )
                try await self.putOff(broadcast.id, of: broadcast.orgID)
            }
        }
        return hasWorked
    }

    private func work(on id: ID<Broadcast>, of orgID: OrgID, steps: Int) async throws -> Bool {
        let taken = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(BroadcastStore.take(id, of: orgID, by: self.expand.replica)).first.map { row in
                (broadcast: try StoredBroadcast(row), isWaking: try row.getIfPresent("is_waking") ?? false)
            }
        }
        guard let (broadcast, isWaking) = taken else { return false }
        if isWaking { try await self.wakeMessages(broadcast) }
        if !broadcast.isGathered {
            try await self.gather(broadcast)
            return true
        }
        if let expanded = try await self.expand(broadcast, steps: steps) { try await self.finish(expanded) }
        return true
    }

    private func putOff(_ id: ID<Broadcast>, of orgID: OrgID) async throws {
        try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(BroadcastStore.putOff(id, of: orgID, by: ExpandBroadcast.pause))
        }
    }
}
