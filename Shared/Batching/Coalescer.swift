import DequeModule
import Synchronization

/// Runs what is submitted at the same time together.
///
/// A batch starts at once when a slot is free, so a lone request waits for nothing; what arrives while all slots are
/// busy is run by the next batch. The busier it is, the greater the batches.
package final class Coalescer<Input: Sendable, Output: Sendable>: Sendable {
    /// One result for each input, in their order.
    package typealias Run = @Sendable ([Input]) async -> [Result<Output, any Error>]

    private struct Entry {
        let input: Input
        let continuation: CheckedContinuation<Output, any Error>
    }

    private struct State {
        var waiting: Deque<Entry> = []
        var running = 0
    }

    private let maximumBatch: Int
    private let maximumConcurrentBatches: Int
    private let waitingLimit: Int
    private let run: Run
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumBatch: inputs of one run, at least 1.
    ///   - maximumConcurrentBatches: runs at the same time, at least 1.
    ///   - waitingLimit: inputs that wait for a run; more are refused.
    ///   - run: does the work; it must return as many results as it got inputs.
    package init(
        maximumBatch: Int,
        maximumConcurrentBatches: Int,
        waitingLimit: Int,
        run: @escaping Run
    ) {
        self.maximumBatch = max(1, maximumBatch)
        self.maximumConcurrentBatches = max(1, maximumConcurrentBatches)
        self.waitingLimit = waitingLimit
        self.run = run
    }

    /// How many inputs wait for a run, for metrics.
    package var waitingCount: Int { self.state.withLock { $0.waiting.count } }

    /// Whether all slots are taken, so that what is submitted now waits for a run.
    package var isBusy: Bool { self.state.withLock { $0.running >= self.maximumConcurrentBatches } }

    /// Waits for the result of `input`.
    ///
    /// Cancelling the submitter changes nothing: its input is run with the others, and its result may matter to them.
    /// - Throws: `CoalescerFailure`, or what the run gave for this input.
    package func submit(_ input: Input) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            self.enter(Entry(input: input, continuation: continuation))
        }
    }

    /// Waits for the result of `input`, which `alone` makes in the caller's own task while a slot is free.
    ///
    /// - Throws: `CoalescerFailure`, or what `alone` or the run gave for this input.
    package func submit(_ input: Input, alone: () async throws -> Output) async throws -> Output {
        let isFree = self.state.withLock { state in
            guard state.running < self.maximumConcurrentBatches else { return false }
            state.running += 1
            return true
        }
        guard isFree else { return try await self.submit(input) }
        defer {
            let next = self.nextBatch()
            if !next.isEmpty { Task.detached { await self.work(on: next) } }
        }
        return try await alone()
    }

    private func enter(_ entry: Entry) {
        let step: CoalescerStep = self.state.withLock { state in
            if state.running < self.maximumConcurrentBatches {
                state.running += 1
                return .start
            }
            guard state.waiting.count < self.waitingLimit else { return .refuse }
            state.waiting.append(entry)
            return .wait
        }
        switch step {
        // Detached: the batch belongs to no request, and must not log as one.
        case .start:
            Task.detached {
                let others = self.state.withLock { Self.take(from: &$0, atMost: self.maximumBatch - 1) }
                await self.work(on: [entry] + others)
            }
        case .wait: break
        case .refuse: entry.continuation.resume(throwing: CoalescerFailure.full)
        }
    }

    /// Holds one slot until nothing waits.
    @concurrent private func work(on first: [Entry]) async {
        var batch = first
        while !batch.isEmpty {
            let results = await self.run(batch.map(\.input))
            self.finish(batch, with: results)
            batch = self.nextBatch()
        }
    }

    /// What waits, for the slot that has become free; without any, the slot is given back.
    private func nextBatch() -> [Entry] {
        self.state.withLock { state in
            let next = Self.take(from: &state, atMost: self.maximumBatch)
            if next.isEmpty { state.running -= 1 }
            return next
        }
    }

    private static func take(from state: inout State, atMost count: Int) -> [Entry] {
        let taken = Array(state.waiting.prefix(count))
        state.waiting.removeFirst(taken.count)
        return taken
    }

    private func finish(_ batch: [Entry], with results: [Result<Output, any Error>]) {
        guard results.count == batch.count else {
            let failure = CoalescerFailure.wrongCount(inputs: batch.count, results: results.count)
            for entry in batch { entry.continuation.resume(throwing: failure) }
            return
        }
        for (entry, result) in zip(batch, results) { entry.continuation.resume(with: result) }
    }
}

/// What becomes of a new entry.
private enum CoalescerStep {
    case start, wait, refuse
}

package enum CoalescerFailure: Error, Sendable, Equatable {
    /// As many inputs wait as are allowed to.
    case full
    /// The run broke its promise of one result for each input.
    case wrongCount(inputs: Int, results: Int)
}
