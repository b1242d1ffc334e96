import Foundation
import Postgres
import Shared

/// Whether the database is fenced, and whose journals have been told to it since it was restored.
struct RestoreStanding: Sendable {
    struct Journal: Sendable {
        let worker: String
        let isTold: Bool
        /// Whether each attempt that may have left since the restored time is in it.
        let isWhole: Bool
        let coversSince: Timestamp?
        let attempts: Int
        /// Attempts that the database had forgotten.
        let learned: Int
        /// Attempts of messages that were made after the restored time.
        let unknown: Int
    }

    let epoch: UUID
    let fencedAt: Timestamp?
    let reason: String?
    let restoredTo: Timestamp?
    let reconciledAt: Timestamp?
    let reconciledBy: String?
    let journals: [Journal]

    init(of postgres: PostgresPool) async throws {
        let results = try await postgres.run { connection in
            try connection.pipeline([RestoreStore.standing, RestoreStore.journals])
        }
        guard let row = results[0].first else { throw Problem.internal }
        self.epoch = try row.get("epoch")
        self.fencedAt = try row.getIfPresent("fenced_at")
        self.reason = try row.getIfPresent("fence_reason")
        self.restoredTo = try row.getIfPresent("restored_to")
        self.reconciledAt = try row.getIfPresent("reconciled_at")
        self.reconciledBy = try row.getIfPresent("reconciled_by")
        self.journals = try results[1].map { try Journal($0) }
    }

    func json(_ progress: ReconcileRestore.Progress? = nil) -> JSONValue {
        .object(
            members: [
                ("fenced", .bool(self.fencedAt != nil)), ("reason", .text(self.reason)),
                ("fenced_at", .text(self.fencedAt)), ("restored_to", .text(self.restoredTo)),
                ("reconciled_at", .text(self.reconciledAt)), ("reconciled_by", .text(self.reconciledBy)),
                ("journals", .array(self.journals.map(\.json))),
            ]
                + (progress.map { progress in
                    [
                        ("done", .bool(progress.isDone)), ("uncertain", .number(JSONNumber(progress.uncertain))),
                        ("paused_broadcasts", .number(JSONNumber(progress.pausedBroadcasts))),
                    ]
                } ?? [])
        )
    }
}

extension RestoreStanding.Journal {
    init(_ row: Row) throws {
        self.init(
            worker: try row.get("worker"),
            isTold: try row.get("is_told"),
            isWhole: try row.get("is_whole"),
            coversSince: try row.getIfPresent("covers_since"),
            attempts: try row.get("attempts"),
            learned: try row.get("learned"),
            unknown: try row.get("unknown")
        )
    }

    fileprivate var json: JSONValue {
        .object(members: [
            ("worker", .string(self.worker)), ("told", .bool(self.isTold)), ("whole", .bool(self.isWhole)),
            ("covers_since", .text(self.coversSince)), ("attempts", .number(JSONNumber(self.attempts))),
            ("learned", .number(JSONNumber(self.learned))), ("unknown", .number(JSONNumber(self.unknown))),
        ])
    }
}
