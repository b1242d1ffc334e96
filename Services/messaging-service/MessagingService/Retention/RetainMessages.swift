import DequeModule
package import Logging
package import Postgres
package import Shared

/// Lets finished messages go when the time for which their organization keeps them is over, and then their broadcasts.
///
/// A sweep walks along each organization's messages from the oldest on, a small batch of each in turn. After each batch it
/// rests for as long as the batch took, so it takes half of one connection at most.
///
/// What is archived is on the disk before it is removed, and only what is still as it was archived is removed. So a message
/// may stand in two files, when removing it failed in between, but never in none.
package struct RetainMessages: Sendable {
    /// The engine's role sees which organizations have limits, and of their messages nothing.
    let engine: PostgresPool
    let postgres: PostgresPool
    /// Nil where none is configured: then what is to be archived stays.
    let archive: ArchiveDirectory?
    let clock: any Clock<Duration>
    let logger: Logger

    package init(
        engine: PostgresPool,
        postgres: PostgresPool,
        archive: ArchiveDirectory?,
        clock: any Clock<Duration>,
        logger: Logger
    ) {
        self.engine = engine
        self.postgres = postgres
        self.archive = archive
        self.clock = clock
        self.logger = logger
    }

    /// The place of a sweep in the messages of one organization.
    private struct Turn {
        let limit: RetentionLimit
        var cursor: MessageID?
        var count = RetentionCount()
    }

    private enum Step: Sendable {
        case done(RetentionCount, next: MessageID?)
        /// Another replica is at work.
        case busy
        /// This organization's messages can not be had.
        case failed(any Error)
        case archiveFailed(ArchiveFailure)
    }

    /// Makes one sweep; ends early when another replica is sweeping.
    ///
    /// - Returns: what was done for each organization that has a limit and was looked at to the end.
    /// - Throws: what passes by itself, like a database that is away; the next sweep begins where this one did.
    @discardableResult
    package func callAsFunction() async throws -> [OrgID: RetentionCount] {
        let limits = try await self.engine.run { connection in try RetentionStore.limits(on: connection) }
        var turns = Deque(self.archivable(limits).map { Turn(limit: $0) })
        var counts: [OrgID: RetentionCount] = [:]
        while var turn = turns.popFirst() {
            try Task.checkCancellation()
            switch try await self.pacedStep(turn, by: self.clock) {
            case .done(let count, let next):
                turn.count.removed += count.removed
                turn.count.left += count.left
                turn.cursor = next
                if next != nil {
                    turns.append(turn)
                } else {
                    counts[turn.limit.orgID] = turn.count
                    self.log(turn)
                }
            case .busy:
                for turn in [turn] + turns { self.log(turn) }
                self.logger.debug("another replica lets messages go")
                return counts
            case .failed(let error):
                self.log(turn)
                self.logger.warning(
                    "messages kept",
                    metadata: ["org.id": "\(turn.limit.orgID)", "error": "\(String(reflecting: error))"]
                )
            case .archiveFailed(let failure):
                for turn in [turn] + turns where turn.limit.action == .archive { self.log(turn) }
                turns.removeAll { $0.limit.action == .archive }
                self.warn("the archive can not be written: \(failure)")
            }
        }
        return counts
    }

    /// All but those that want an archive where there is none.
    private func archivable(_ limits: [RetentionLimit]) -> [RetentionLimit] {
        guard self.archive == nil, limits.contains(where: { $0.action == .archive }) else { return limits }
        self.warn("there is no archive")
        return limits.filter { $0.action != .archive }
    }

    /// Once in a sweep, so once an hour.
    private func warn(_ reason: String) {
        self.logger.warning(
            "messages kept that are to be archived",
            metadata: ["setting": "\(ArchiveDirectory.setting)", "reason": "\(reason)"]
        )
    }

    private func log(_ turn: Turn) {
        guard turn.count != RetentionCount() else { return }
        self.logger.info(
            "messages let go",
            metadata: [
                "org.id": "\(turn.limit.orgID)", "action": "\(turn.limit.action)",
                "messages.removed": "\(turn.count.removed)", "messages.left": "\(turn.count.left)",
            ]
        )
    }
}

// MARK: - Steps

extension RetainMessages {
    /// Makes one step, then rests for as long as it took.
    private func pacedStep(_ turn: Turn, by clock: some Clock<Duration>) async throws -> Step {
        let start = clock.now
        let step = try await self.attemptStep(turn)
        try await clock.sleep(for: start.duration(to: clock.now))
        return step
    }

    /// One organization's trouble is not the others'; what concerns all of them is thrown.
    private func attemptStep(_ turn: Turn) async throws -> Step {
        do {
            return try await self.step(turn)
        } catch let failure as ArchiveFailure {
            return .archiveFailed(failure)
        } catch let failure as any Unavailability where failure.isTemporary {
            throw failure
        } catch let cancellation as CancellationError {
            throw cancellation
        } catch {
            return .failed(error)
        }
    }

    private func step(_ turn: Turn) async throws -> Step {
        let step = try await self.messageStep(turn)
        if case .done(_, next: nil) = step { try await self.letBroadcastsGo(of: turn.limit) }
        return step
    }

    /// Removes what messages were made of, when they are gone.
    private func letBroadcastsGo(of limit: RetentionLimit) async throws {
        let store = RetentionStore(limit)
        while try await self.postgres.transaction(for: [limit.orgID], { try store.removeBroadcast(on: $0) }) {
            try Task.checkCancellation()
        }
    }

    private func messageStep(_ turn: Turn) async throws -> Step {
        let (limit, cursor) = (turn.limit, turn.cursor)
        let store = RetentionStore(limit)
        let found = try await self.postgres.transaction(for: [limit.orgID]) { connection in
            try store.walk(after: cursor, on: connection).map { walk in
                (walk: walk, messages: try self.messages(walk.due, of: limit, on: connection))
            }
        }
        guard let (walk, messages) = found else { return .busy }
        guard !walk.due.isEmpty else { return .done(RetentionCount(), next: walk.last) }
        if let messages {
            guard let archive = self.archive else { return .done(RetentionCount(), next: nil) }
            // No transaction is open, and no lock is held, while the file is written.
            try await archive.write(messages, of: limit.orgID, on: limit.day)
        }
        let removed = try await self.postgres.transaction(for: [limit.orgID]) { connection in
            try store.remove(walk.due, archived: messages, on: connection)
        }
        guard let removed else { return .busy }
        return .done(RetentionCount(removed: removed, left: walk.due.count - removed), next: walk.last)
    }

    /// The messages as they are to be archived; nil when they are not.
    private func messages(
        _ ids: [MessageID],
        of limit: RetentionLimit,
        on connection: isolated PostgresConnection
    ) throws -> [ArchivedMessage]? {
        switch limit.action {
        case .remove: nil
        case .archive: try ArchivedMessage.read(ids, of: limit.orgID, on: connection)
        }
    }
}
