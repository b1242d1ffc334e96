package import InternalAPI
package import Shared
import Synchronization

/// What a worker writes down about its attempts, so that the life after it knows them.
///
/// Each attempt has an intent before it leaves and an outcome when it ended, and is done when messaging-service has the outcome.
/// It belongs to one slot, and is used under the slot's lock alone. Writing blocks for as long as the storage does: for a
/// file that is the copy into the kernel's cache, which outlives the process, and is not awaited on the disk.
package final class AttemptJournal: Sendable {
    /// Some 9,000 attempts; rewriting what is outstanding of them takes a millisecond.
    package static let compactionBytes = 4 * 1024 * 1024
    /// Outcomes kept that messaging-service will never take, the last ones.
    package static let refusedOutcomes = 1000

    package enum Failure: Error {
        /// What the life before left is still in it.
        case notBegun
        /// Nothing may leave now, or what was leased was leased before that was so.
        case forbidden
    }

    private enum Phase {
        case notBegun, whole
        /// A part of a record may be at its end.
        case broken
    }

    private struct State {
        var phase = Phase.notBegun
        var attempts = OutstandingAttempts()
        var refused: [MessagingAPI.AttemptKey] = []
        /// What is done, and could not be kept yet.
        var unkept: [MessagingAPI.AttemptKey] = []
        var mayBegin = true
        var generation = 0
        /// Whether something is in it that is done.
        var isUntidy = false
        var size = 0
        var compactAt = 0
    }

    private let storage: any JournalStorage
    private let owner: JournalOwner
    /// Where attempts go that it forgets; nil where that is for ever.
    private let kept: (any KeepsAttempts)?
    private let compactionBytes: Int
    private let state = Mutex(State())

    package init(
        storage: any JournalStorage,
        owner: JournalOwner,
        kept: (any KeepsAttempts)? = nil,
        compactionBytes: Int = AttemptJournal.compactionBytes
    ) {
        self.storage = storage
        self.owner = owner
        self.kept = kept
        self.compactionBytes = compactionBytes
    }

    /// Forgets what the life before left, once messaging-service knows it; nothing can be written earlier.
    ///
    /// - Parameter replay: what the life before left, to be kept.
    /// - Throws: what the storage threw; the old journal is still there.
    package func begin(after replay: JournalReplay? = nil) throws {
        try self.state.withLock { state in
            if let kept, let replay {
                try kept.begin(afterIntactJournal: replay.loss == nil)
                try kept.keep(replay.attempts(at: .now))
            }
            state.attempts = OutstandingAttempts()
            state.refused = []
            try self.rewrite(&state)
        }
    }

    /// Makes it whole again after it could not be written; does nothing when it is.
    package func repair() throws {
        try self.state.withLock { state in
            switch state.phase {
            case .notBegun: throw Failure.notBegun
            case .whole: break
            case .broken: try self.rewrite(&state)
            }
            if !state.unkept.isEmpty { try self.finish([], &state) }
        }
    }

    /// Takes out what is done, which has providers' words about people; does nothing when there is nothing done.
    ///
    /// - Throws: when that could not be written; it stays as it is.
    package func tidy() throws {
        try self.state.withLock { state in
            if case .whole = state.phase, state.isUntidy { try self.rewrite(&state) }
        }
    }

    /// Says that the attempt leaves now.
    ///
    /// - Parameters:
    ///   - key: of the attempt.
    ///   - startedAt: now.
    ///   - generation: as it was when the attempt was leased; nil when that does not matter.
    /// - Throws: when that could not be written, or must not be: the attempt must not be made.
    package func writeIntent(
        _ key: MessagingAPI.AttemptKey,
        startedAt: Timestamp,
        in generation: Int? = nil
    ) throws {
        try self.state.withLock { state in
            guard state.mayBegin, generation.map({ $0 == state.generation }) ?? true else { throw Failure.forbidden }
            try self.write([.intent(key, startedAt: startedAt)], &state)
        }
    }

    /// Another one after each time in which nothing could begin.
    var generation: Int { self.state.withLock { $0.generation } }

    /// Lets no attempt begin: whatever began is in the journal when this returns.
    func forbidIntents() {
        self.state.withLock { state in
            if state.mayBegin { state.generation += 1 }
            state.mayBegin = false
        }
    }

    func allowIntents() {
        self.state.withLock { $0.mayBegin = true }
    }

    /// Says how the attempt ended.
    ///
    /// - Throws: when that could not be written; it is written with the next record that can be.
    package func writeOutcome(_ outcome: MessagingAPI.AttemptOutcome) throws {
        try self.state.withLock { try self.write([.outcome(outcome)], &$0) }
    }

    /// Says that messaging-service has the outcomes of these attempts.
    ///
    /// - Throws: when that could not be written: the next life might tell them again.
    package func writeDone(_ keys: [MessagingAPI.AttemptKey]) throws {
        guard !keys.isEmpty else { return }
        try self.state.withLock { try self.finish(keys, &$0) }
    }

    /// Keeps outcomes that messaging-service will never take, the last thousand: to forget one would tell the next life that
    /// the attempt never left.
    package func keepRefused(_ keys: [MessagingAPI.AttemptKey]) throws {
        let forgotten = self.state.withLock { state in
            state.refused += keys
            let excess = max(state.refused.count - Self.refusedOutcomes, 0)
            defer { state.refused.removeFirst(excess) }
            return Array(state.refused.prefix(excess))
        }
        try self.writeDone(forgotten)
    }

    /// What the next life would be told, were this one to end now.
    package var outstanding: (outcomes: [MessagingAPI.AttemptOutcome], uncertain: [MessagingAPI.AttemptKey]) {
        self.state.withLock { ($0.attempts.outcomes, $0.attempts.uncertain) }
    }

    /// The same, ended ones as they ended: for a database that knows none of them.
    func outstandingAttempts(at time: Timestamp) -> [MessagingAPI.KeptAttempt] {
        let (outcomes, uncertain) = self.outstanding
        return outcomes.map(MessagingAPI.KeptAttempt.init) + uncertain.map { .init(uncertain: $0, at: time) }
    }

    /// Keeps attempts elsewhere before they are forgotten here.
    private func finish(_ keys: [MessagingAPI.AttemptKey], _ state: inout State) throws {
        state.unkept += keys
        try self.kept?.keep(
            state.unkept.compactMap { state.attempts.outcome(of: $0).map(MessagingAPI.KeptAttempt.init) }
        )
        let done = state.unkept
        state.unkept = []
        try self.write(done.map(JournalRecord.done), &state)
    }

    private func write(_ records: [JournalRecord], _ state: inout State) throws {
        let bytes = try records.flatMap { try $0.frame() }
        if case .notBegun = state.phase { throw Failure.notBegun }
        for record in records {
            state.attempts.apply(record)
            if case .done = record { state.isUntidy = true }
        }
        if case .whole = state.phase, self.append(bytes, &state) {
            // Where there is no room to rewrite it, it grows on until there is.
            if state.size > state.compactAt, (try? self.rewrite(&state)) == nil {
                state.compactAt = state.size + self.compactionBytes
            }
        } else {
            try self.rewrite(&state, with: records)
        }
    }

    /// Writes new records with all that are outstanding, among which they are.
    private func rewrite(_ state: inout State, with records: [JournalRecord]) throws {
        do {
            try self.rewrite(&state)
        } catch {
            // What does not leave is not outstanding; outcomes are, until they can be written.
            for case .intent(let key, _) in records { state.attempts.apply(.done(key)) }
            throw error
        }
    }

    private func append(_ bytes: [UInt8], _ state: inout State) -> Bool {
        do {
            try self.storage.append(bytes)
            state.size += bytes.count
            return true
        } catch {
            state.phase = .broken
            return false
        }
    }

    /// Leaves the phase as it is when it throws.
    private func rewrite(_ state: inout State) throws {
        let records = [.header(self.owner)] + state.attempts.records
        let bytes = try records.flatMap { try $0.frame() }
        try self.storage.replace(with: bytes)
        (state.phase, state.isUntidy) = (.whole, false)
        state.size = bytes.count
        // What is outstanding may itself be large: then it is not rewritten for each record.
        state.compactAt = max(self.compactionBytes, 2 * bytes.count)
    }
}
