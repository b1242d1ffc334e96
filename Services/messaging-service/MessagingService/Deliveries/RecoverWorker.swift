import FaultPoints
package import InternalAPI
package import Postgres
import Shared

/// Settles what the life before this one of a worker had leased, by what its journal says.
///
/// What began and has no end is uncertain; the rest had not begun, if the journal is whole, and is as due as before. The
/// ends that the journal knows were told before, as any outcome is.
package struct RecoverWorker: Sendable {
    /// Messages settled in one transaction.
    static let batch = 500

    let engine: PostgresPool
    let postgres: PostgresPool
    let settle: SettleMessages

    package init(engine: PostgresPool, postgres: PostgresPool, settle: SettleMessages) {
        self.engine = engine
        self.postgres = postgres
        self.settle = settle
    }

    /// - Throws: `Problem` `worker-superseded` (409).
    package func callAsFunction(_ request: MessagingAPI.RecoveryRequest) async throws {
        let life = try await self.postgres.run { connection in
            try WorkerStore.beat(request.worker, call: 0, on: connection)
        }
        guard case .alive(_, let standing, _) = life else { throw Problem.workerSuperseded }
        // The journal of another database's work does not tell what this one's leases came to.
        let isOfThisEpoch = request.memory.map { $0.epoch == standing.epoch } ?? !standing.isFenced
        let isIntact = request.journal == .intact && isOfThisEpoch
        let uncertain = Set(request.uncertain)
        var before: [MessagingAPI.AttemptKey] = []
        while true {
            // Those that silence had made uncertain too: from now on nothing more can be learned of them from this worker.
            let attempts = try await self.engine.run { connection in
                try connection.query(
                    """
                    SELECT org_id, message_id, epoch FROM outbox
                     WHERE worker = \(request.worker.name) AND incarnation <> \(Int(request.worker.incarnation))
                     ORDER BY org_id, message_id LIMIT \(Self.batch)::int
                    """
                ).map { row in
                    MessagingAPI.AttemptKey(
                        orgID: try row.get("org_id"),
                        reference: AttemptReference(messageID: try row.get("message_id"), number: try row.get("epoch"))
                    )
                }
            }
            // What changes nothing would be found again for ever.
            guard !attempts.isEmpty, attempts != before else { return }
            before = attempts
            FaultPoint.recoveryBeforeCommit.reach()
            try await self.settle(
                attempts.map { attempt in
                    isIntact && !uncertain.contains(attempt)
                        ? AttemptEvent(attempt, unused: .recovery, because: .diedBefore)
                        : AttemptEvent(attempt, uncertain: .recovery, because: .diedMeanwhile)
                }
            )
            if attempts.count < Self.batch { return }
        }
    }
}

extension AttemptEvent {
    /// The attempt may have left.
    init(_ attempt: MessagingAPI.AttemptKey, uncertain source: Source, because error: ProviderError) {
        self.init(
            orgID: attempt.orgID,
            reference: attempt.reference,
            event: DeliveryEvent(.uncertain, error: error),
            source: source
        )
    }
}

extension SettleMessages.Effect {
    var isApplied: Bool {
        switch self {
        case .applied: true
        case .ignored, .unknown: false
        }
    }
}

extension ProviderError {
    fileprivate static let diedBefore = ProviderError(
        code: "worker-died",
        detail: "The worker died before it handed the message over; nothing left."
    )
    fileprivate static let diedMeanwhile = ProviderError(
        code: "worker-died",
        detail: "The worker died before it heard the provider's answer; the message may have left."
    )
}
