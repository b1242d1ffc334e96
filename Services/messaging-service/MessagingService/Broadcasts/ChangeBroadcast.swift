import AuditTrail
import Postgres
import Shared

/// What people do to a broadcast, each with its line in the audit trail.
struct ChangeBroadcast: Sendable {
    let postgres: PostgresPool
    let startJob: StartJob
    let wake: JobSignal

    enum Verb: String, Sendable {
        case pause, resume, cancel

        /// Where it can be done, and what it leads to; nil where it changes nothing.
        fileprivate func target(of broadcast: StoredBroadcast, now: Timestamp) throws(Problem) -> BroadcastState? {
            switch (self, broadcast.state) {
            case (.pause, .scheduled), (.pause, .running): return .paused
            case (.pause, .paused), (.resume, .running), (.resume, .scheduled), (.cancel, .cancelled): return nil
            case (.resume, .paused):
                let isLater = broadcast.startedAt == nil && broadcast.scheduledAt.map { $0 > now } ?? false
                return isLater ? .scheduled : .running
            case (.cancel, .scheduled), (.cancel, .running), (.cancel, .paused): return .cancelled
            case (_, .done), (_, .cancelled): throw .wrongBroadcastState(self, broadcast.state)
            }
        }

        fileprivate var act: Act.Name {
            switch self {
            case .pause: .pause
            case .resume: .resume
            case .cancel: .cancel
            }
        }
    }

    /// - Throws: `Problem` `not-found`, `broadcast-state` (409).
    /// - Returns: the broadcast as it is now; doing it again changes nothing.
    func callAsFunction(
        _ verb: Verb,
        _ id: ID<Broadcast>,
        for acting: Acting,
        now: Timestamp,
        requestID: String
    ) async throws -> StoredBroadcast {
        let act = Act(verb.act, by: acting.actor, requestID: requestID)
        let (broadcast, hasChanged) = try await self.postgres.transaction(for: [acting.orgID]) { connection in
            let broadcast = try Self.lock(id, of: acting.orgID, on: connection)
            guard let state = try verb.target(of: broadcast, now: now) else { return (broadcast, false) }
            return (try Self.move(broadcast, to: state, as: act, on: connection), true)
        }
        self.wake.send()
        if verb == .cancel, hasChanged {
            try await self.startIfAny(.cancel, of: id, for: acting, requestID: requestID)
        }
        return broadcast
    }

    /// Sends what failed once more: 202 with the job that queues it.
    ///
    /// - Throws: `Problem` `not-found`, `broadcast-state` (409) of a broadcast that is cancelled, `nothing-matches` (422).
    func retry(_ id: ID<Broadcast>, for acting: Acting, requestID: String) async throws -> Job {
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            let broadcast = try Self.lock(id, of: acting.orgID, on: connection)
            guard broadcast.state != .cancelled else { throw Problem.cancelledBroadcast }
        }
        let filter = BulkFilter(messages: MessageFilter(statuses: [.failed], broadcastID: id))
        let job = try await self.startJob(.retry, filter, for: acting, requestID: requestID)
        let act = Act(.retry, by: acting.actor, requestID: requestID)
        try await self.postgres.transaction(for: [acting.orgID]) { connection in
            let broadcast = try Self.lock(id, of: acting.orgID, on: connection)
            guard broadcast.state == .done || broadcast.state == .running else { return }
            _ = try Self.move(broadcast, to: .running, as: act, on: connection)
        }
        self.wake.send()
        return job
    }

    private static func lock(
        _ id: ID<Broadcast>,
        of orgID: OrgID,
        on connection: isolated PostgresConnection
    ) throws -> StoredBroadcast {
        guard let row = try connection.query(BroadcastStore.lock(id, of: orgID)).first else { throw Problem.notFound }
        return try StoredBroadcast(row)
    }

    private static func move(
        _ broadcast: StoredBroadcast,
        to state: BroadcastState,
        as act: Act,
        on connection: isolated PostgresConnection
    ) throws -> StoredBroadcast {
        let audit = AuditRecord(
            act,
            on: .broadcast,
            broadcast.id.uuid,
            of: broadcast.orgID,
            from: broadcast.state.rawValue,
            to: state.rawValue
        )
        let isWaking = broadcast.state == .paused && state == .running
        let results = try connection.pipeline([
            BroadcastStore.move(broadcast, to: state, waking: isWaking), AuditStore.insert([audit]),
        ])
        guard let row = results[0].first else { throw Problem.notFound }
        return try StoredBroadcast(row)
    }

    /// Nothing more is made, so the job means all there are; what is claimed meanwhile is withdrawn by the claim itself.
    private func startIfAny(
        _ action: JobAction,
        of id: ID<Broadcast>,
        for acting: Acting,
        requestID: String
    ) async throws {
        do {
            let filter = BulkFilter(messages: MessageFilter(broadcastID: id))
            _ = try await self.startJob(action, filter, for: acting, requestID: requestID)
        } catch let problem as Problem where problem.code == "nothing-matches" {}
    }
}

extension Problem {
    fileprivate static func wrongBroadcastState(_ verb: ChangeBroadcast.Verb, _ state: BroadcastState) -> Problem {
        Problem(
            code: "broadcast-state",
            status: 409,
            title: "The state of the broadcast does not allow it.",
            detail: "It is \(state.rawValue): \(verb.rawValue) is possible while it is scheduled, running or paused."
        )
    }

    fileprivate static let cancelledBroadcast = Problem(
        code: "broadcast-state",
        status: 409,
        title: "The state of the broadcast does not allow it.",
        detail: "It is cancelled: what failed of it can be retried message by message."
    )
}
