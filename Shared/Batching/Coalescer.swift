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
        let lane: Int
        let end: @Sendable (Result<Output, any Error>) -> Void
    }

    /// What a slot does that is free.
    private enum Step {
        case rest
        case run([Entry])
        case gather(GatheringPause)
    }

    private struct State {
        var waiting = FairQueue<Entry>()
        var running = 0
        /// Whether one of the slots waits for more.
        var isGathering = false
        /// Inputs of the last run that was started, or half of what it was where that is more.
        var lastRun = 0
    }

    private let maximumBatch: Int
    private let maximumConcurrentBatches: Int
    private let waitingLimit: Int
    private let pause: GatheringPause?
    private let lane: @Sendable (Input) -> Int
    private let run: Run
    private let state = Mutex(State())

    /// - Parameters:
    ///   - maximumBatch: inputs of one run, at least 1.
    ///   - maximumConcurrentBatches: runs at the same time, at least 1.
    ///   - waitingLimit: inputs that wait for a run. Of more, the newest of the longest lane is refused, but for those of the call
    ///     that begins one.
    ///   - pause: what a run waits for more; without one it never does.
    ///   - lane: whose input it is: they take turns where several wait. Without one all are alike.
    ///   - run: does the work; it must return as many results as it got inputs.
    package init(
        maximumBatch: Int,
        maximumConcurrentBatches: Int,
        waitingLimit: Int,
        pause: GatheringPause? = nil,
        lane: @escaping @Sendable (Input) -> Int = { _ in 0 },
        run: @escaping Run
    ) {
        self.maximumBatch = max(1, maximumBatch)
        self.maximumConcurrentBatches = max(1, maximumConcurrentBatches)
        self.waitingLimit = waitingLimit
        self.pause = pause
        self.lane = lane
        self.run = run
    }

    /// How many inputs wait for a run, for metrics.
    package var waitingCount: Int { self.state.withLock { $0.waiting.count } }

    /// Whether all slots are taken, so that what is submitted now waits for a run.
    package var isBusy: Bool { self.state.withLock { $0.running >= self.maximumConcurrentBatches } }

    /// Whether as many inputs wait as may, so that one more of some lane would be refused.
    package var isFull: Bool { self.waitingCount >= self.waitingLimit }

    /// Whether one more of this lane would be refused.
    package func isFull(for lane: Int) -> Bool {
        self.state.withLock { !$0.waiting.hasPlace(in: lane, limit: self.waitingLimit) }
    }

    /// Waits for the result of `input`.
    ///
    /// Cancelling the submitter changes nothing: its input is run with the others, and its result may matter to them.
    /// - Throws: `CoalescerFailure`, or what the run gave for this input.
    package func submit(_ input: Input) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            self.enter([self.entry(input) { continuation.resume(with: $0) }])
        }
    }

    /// Waits for the results of inputs that are to be run together, as far as one run may have so many.
    ///
    /// - Returns: the result of each, in their order; of those that may not wait `CoalescerFailure.full`.
    package func submit(contentsOf inputs: [Input]) async -> [Result<Output, any Error>] {
        guard !inputs.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let results = CollectedResults(inputs.count) { continuation.resume(returning: $0) }
            self.enter(
                inputs.enumerated().map { place, input in self.entry(input) { results.set($0, at: place) } }
            )
        }
    }

    /// Waits for the result of `input`, which `alone` makes in the caller's own task while a slot is free and few come.
    ///
    /// - Throws: `CoalescerFailure`, or what `alone` or the run gave for this input.
    package func submit(_ input: Input, alone: () async throws -> Output) async throws -> Output {
        let isFree = self.state.withLock { state in
            guard state.running < self.maximumConcurrentBatches, !self.manyCome(state) else { return false }
            state.running += 1
            return true
        }
        guard isFree else { return try await self.submit(input) }
        // Detached: a batch belongs to no request, and must not log as one.
        defer { if self.state.withLock({ self.goesOn(&$0) }) { Task.detached { await self.work() } } }
        return try await alone()
    }

    private func entry(_ input: Input, end: @escaping @Sendable (Result<Output, any Error>) -> Void) -> Entry {
        Entry(input: input, lane: self.lane(input), end: end)
    }

    private func enter(_ entries: [Entry]) {
        let (starts, refused) = self.state.withLock { state in
            let isFree = state.running < self.slots(state) && !state.isGathering
            let refused = entries.compactMap {
                state.waiting.append($0, to: $0.lane, limit: isFree ? .max : self.waitingLimit)
            }
            // What has just come may have filled a batch.
            let starts = state.running < self.slots(state) && !state.isGathering
            if starts { state.running += 1 }
            return (starts, refused)
        }
        if starts { Task.detached { await self.work() } }
        for entry in refused { entry.end(.failure(CoalescerFailure.full)) }
    }

    /// Holds one slot until nothing waits.
    @concurrent private func work() async {
        while let batch = await self.nextBatch() {
            self.startOther()
            self.finish(batch, with: await self.run(batch.map(\.input)))
        }
    }

    /// Has a free slot run what one run could not take.
    private func startOther() {
        let starts = self.state.withLock { state in
            guard !state.waiting.isEmpty, !state.isGathering, state.running < self.slots(state) else { return false }
            state.running += 1
            return true
        }
        if starts { Task.detached { await self.work() } }
    }

    /// What the slot of the caller runs next; nil when it was given back.
    private func nextBatch() async -> [Entry]? {
        switch self.state.withLock({ self.step(&$0) }) {
        case .rest: return nil
        case .run(let batch): return batch
        case .gather(let pause):
            await self.gather(pause)
            return self.state.withLock { state in
                state.isGathering = false
                return self.take(from: &state)
            }
        }
    }

    /// Waits until no more come, or for as long as it may.
    private func gather(_ pause: GatheringPause) async {
        for _ in 0..<pause.turns {
            let before = self.waitingCount
            try? await pause.clock.sleep(for: pause.turn)
            guard before < self.waitingCount, self.waitingCount < self.maximumBatch else { break }
        }
    }

    private func step(_ state: inout State) -> Step {
        guard self.goesOn(&state) else { return .rest }
        guard let pause, self.manyCome(state), state.waiting.count < self.maximumBatch else {
            return .run(self.take(from: &state))
        }
        state.isGathering = true
        return .gather(pause)
    }

    /// Whether a slot has something to do; it is given back otherwise.
    private func goesOn(_ state: inout State) -> Bool {
        guard state.waiting.isEmpty || state.isGathering || state.running > self.slots(state) else { return true }
        state.running -= 1
        return false
    }

    private func take(from state: inout State) -> [Entry] {
        let batch = state.waiting.take(upTo: self.maximumBatch)
        // One small run among large ones is no sign that fewer come.
        state.lastRun = max(batch.count, state.lastRun / 2)
        return batch
    }

    private func slots(_ state: State) -> Int {
        // Of what fills a batch there is nothing to gather.
        guard let pause, self.manyCome(state), state.waiting.count < self.maximumBatch else {
            return self.maximumConcurrentBatches
        }
        return min(pause.runs, self.maximumConcurrentBatches)
    }

    private func manyCome(_ state: State) -> Bool {
        self.pause.map { state.lastRun >= $0.from } ?? false
    }

    private func finish(_ batch: [Entry], with results: [Result<Output, any Error>]) {
        guard results.count == batch.count else {
            let failure = CoalescerFailure.wrongCount(inputs: batch.count, results: results.count)
            for entry in batch { entry.end(.failure(failure)) }
            return
        }
        for (entry, result) in zip(batch, results) { entry.end(result) }
    }
}

package enum CoalescerFailure: Error, Sendable, Equatable {
    /// As many inputs wait as are allowed to, and no other lane has more of them.
    case full
    /// The run broke its promise of one result for each input.
    case wrongCount(inputs: Int, results: Int)
}
