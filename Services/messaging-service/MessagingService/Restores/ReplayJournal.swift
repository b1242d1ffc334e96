package import InternalAPI
package import Postgres
import Shared

/// Takes in what a worker's journal knows of attempts that a restored database has forgotten.
///
/// Each is settled like any outcome, so that order and repetition change nothing. What it says of accounts is old, and not heard.
package struct ReplayJournal: Sendable {
    let postgres: PostgresPool
    let settle: SettleMessages

    package init(postgres: PostgresPool, settle: SettleMessages) {
        self.postgres = postgres
        self.settle = settle
    }

    /// - Throws: `Problem` `another-epoch` (409): the worker has to ask again which database this is.
    package func callAsFunction(_ request: MessagingAPI.ReplayRequest) async throws {
        let epochs = try await self.postgres.run { connection in
            try connection.query("SELECT FROM engine_state WHERE epoch = \(request.epoch)")
        }
        guard !epochs.isEmpty else { throw Problem.anotherEpoch }
        let events = request.attempts.map { AttemptEvent($0, by: request.worker.name) }
        // A part may have several attempts of a message, and what came of the later ones decides.
        let effects = try await self.settle(events)
        let learned = effects.count(where: \.isApplied)
        let unknown = effects.count { $0 == .unknown }
        _ = try await self.postgres.run { connection in
            try connection.query(RestoreStore.note(request, learned: learned, unknown: unknown))
        }
    }
}

extension AttemptEvent {
    init(_ kept: MessagingAPI.KeptAttempt, by worker: String) {
        self.init(
            orgID: kept.key.orgID,
            reference: kept.key.reference,
            event: DeliveryEvent(kept),
            source: .replay(name: worker, startedAt: kept.startedAt, endedAt: kept.endedAt)
        )
    }
}

extension DeliveryEvent {
    fileprivate init(_ kept: MessagingAPI.KeptAttempt) {
        let kind: Kind =
            switch kept.end {
            case .accepted: .sent
            case .throttled: .failed(.throttled, retryAfter: nil)
            case .failed: .failed(.transient, retryAfter: nil)
            case .rejected: .failed(.permanent, retryAfter: nil)
            case .blocked: .failed(.account, retryAfter: nil)
            case .uncertain: .uncertain
            }
        self.init(kind, error: kept.end == .accepted ? nil : .fromJournal, occurredAt: kept.endedAt)
    }
}

extension ProviderError {
    fileprivate static let fromJournal = ProviderError(
        code: "restored",
        detail: "The database was restored; what the provider said is known by the worker's journal, without its words."
    )
}

extension Problem {
    fileprivate static let anotherEpoch = Problem(
        code: "another-epoch",
        status: 409,
        title: "The database was restored meanwhile: the journal is to be told anew."
    )
}
