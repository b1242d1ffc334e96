import InternalAPI
import Logging
import Postgres
import Shared

/// Brings a restored database up to what was sent since its point in time, as far as that can be known, and lets messages be
/// sent again.
///
/// Workers tell their journals by themselves (`ReplayJournal`). What is left here is what no journal tells of. Each call does some
/// of it; what is done is found done by the next, wherever one ends.
struct ReconcileRestore: Sendable {
    /// Messages in one transaction.
    static let batch = 500
    /// What one call may take, so that it is answered in time.
    static let patience: Duration = .seconds(3)

    struct Progress: Sendable {
        var isDone = false
        /// Messages that became uncertain by this call.
        var uncertain = 0
        var pausedBroadcasts = 0
    }

    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let postgres: PostgresPool
    let settle: SettleMessages
    let changeBroadcast: ChangeBroadcast
    let walk: WakeWalk
    let logger: Logger

    /// - Parameters:
    ///   - lost: the workers whose journals will not come: whatever was due may have left by them.
    ///   - actor: of whom it is noted.
    ///   - requestID: of the call.
    /// - Throws: `Problem` `journals-missing` (409).
    /// - Returns: how far it is.
    func callAsFunction(without lost: Set<String>, by actor: String, requestID: String) async throws -> Progress {
        var progress = Progress()
        let standing = try await RestoreStanding(of: self.postgres)
        guard let fencedAt = standing.fencedAt else {
            progress.isDone = true
            return progress
        }
        let lacking = standing.journals.filter { !$0.isWhole }.map(\.worker)
        let missing = lacking.filter { !lost.contains($0) }
        guard missing.isEmpty else { throw Problem.journalsMissing(missing) }
        if !lacking.isEmpty {
            guard try await self.doubt(before: .first(at: fencedAt), &progress) else { return progress }
        }
        if !lacking.isEmpty || standing.journals.contains(where: { $0.unknown > 0 }) {
            guard try await self.pauseBroadcasts(by: actor, requestID: requestID, &progress) else { return progress }
        }
        let opened = try await self.postgres.run { connection in
            try connection.query(RestoreStore.open(standing.epoch, by: actor))
        }
        guard !opened.isEmpty else { return progress }
        await self.walk()
        self.logger.notice("restore reconciled: messages are sent again", metadata: ["actor": "\(actor)"])
        progress.isDone = true
        return progress
    }

    /// Makes uncertain whatever may have left without a trace; evidence is waited for as for any other.
    ///
    /// - Returns: whether that is all.
    private func doubt(before: MessageID, _ progress: inout Progress) async throws -> Bool {
        let began = ContinuousClock.now
        var seen: [AttemptReference] = []
        while began.duration(to: .now) < Self.patience {
            let rows = try await self.engine.run { connection in
                try connection.query(RestoreStore.mayHaveLeft(before: before, atMost: Self.batch))
            }
            let events = try rows.map { row in
                // What was leased at the point is that attempt; of anything else the next one may have been made.
                let state: QueueState = try row.get("state")
                let epoch: Int = try row.get("epoch")
                return AttemptEvent(
                    MessagingAPI.AttemptKey(
                        orgID: try row.get("org_id"),
                        reference: AttemptReference(
                            messageID: try row.get("message_id"),
                            number: state == .leased ? epoch : epoch + 1
                        )
                    ),
                    uncertain: .recovery,
                    because: .forgotten
                )
            }
            // What changes nothing would be found again for ever.
            guard !events.isEmpty, events.map(\.reference) != seen else { return true }
            seen = events.map(\.reference)
            progress.uncertain += try await self.settle(events).count(where: \.isApplied)
            if events.count < Self.batch { return true }
        }
        return false
    }

    /// Stops broadcasts that may have come further than is known: their next step could reach the same recipients again.
    private func pauseBroadcasts(by actor: String, requestID: String, _ progress: inout Progress) async throws -> Bool {
        let rows = try await self.engine.run { connection in try connection.query(RestoreStore.broadcastsUnderWay) }
        for row in rows {
            let orgID: OrgID = try row.get("org_id")
            let acting = Acting(orgID: orgID, actor: actor, mode: .live)
            do {
                _ = try await self.changeBroadcast(
                    .pause,
                    try row.get("id"),
                    for: acting,
                    now: .now,
                    requestID: requestID
                )
                progress.pausedBroadcasts += 1
            } catch let problem as Problem where problem.code == "broadcast-state" {}  // Cancelled meanwhile.
        }
        return rows.count < 1000
    }
}

extension ProviderError {
    fileprivate static let forgotten = ProviderError(
        code: "restored",
        detail:
            "The database was restored to an earlier time, and a worker's journal is lost; the message may have left."
    )
}

extension Problem {
    fileprivate static func journalsMissing(_ workers: [String]) -> Problem {
        let named = workers.prefix(20).joined(separator: ", ") + (workers.count > 20 ? ", …" : "")
        return Problem(
            code: "journals-missing",
            status: 409,
            title:
                "Not every worker has told its journal back to the restored time: start it where its journal lies, or say that it is lost.",
            detail: "Missing or not whole: \(named)."
        )
    }
}
