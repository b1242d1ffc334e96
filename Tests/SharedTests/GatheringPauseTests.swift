import Batching
import Synchronization
import TestSupport
import Testing

/// Runs that wait for more, once runs have many inputs.
@Suite(.timeLimit(.minutes(5))) struct GatheringPauseTests {
    private let clock = TurnClock()
    private let runs = Runs()

    private func coalescer(batch: Int = 10, concurrent: Int = 3, runs: Int = 2, turns: Int = 3) -> Coalescer<Int, Int> {
        Coalescer(
            maximumBatch: batch,
            maximumConcurrentBatches: concurrent,
            waitingLimit: 100,
            pause: GatheringPause(from: 4, turn: .milliseconds(1), turns: turns, runs: runs, clock: self.clock)
        ) { [runs = self.runs] inputs in
            await runs.begin(inputs)
            return inputs.map { .success($0) }
        }
    }

    /// Makes the coalescer run four at once, which it takes for many.
    private func makeBusy(_ coalescer: Coalescer<Int, Int>) async throws {
        async let results = coalescer.submit(contentsOf: [1, 2, 3, 4])
        try await eventually { await self.runs.all.count == 1 }
        await self.runs.end()
        #expect(await results.count == 4)
    }

    @Test func whoIsAloneWaitsForNothing() async throws {
        let coalescer = self.coalescer()
        for input in 0..<9 {
            async let result = coalescer.submit(input)
            try await eventually { await self.runs.all.count == input + 1 }
            await self.runs.end()
            #expect(try await result == input)
        }
        #expect(self.clock.sleeps == 0)
    }

    @Test func afterManyARunWaitsUntilNoMoreCome() async throws {
        let coalescer = self.coalescer()
        try await self.makeBusy(coalescer)
        async let first = coalescer.submit(5)
        try await eventually { self.clock.sleeping == 1 }
        async let second = coalescer.submit(6)
        try await eventually { coalescer.waitingCount == 2 }
        self.clock.turn()
        // One came in that turn.
        try await eventually { self.clock.sleeping == 1 && self.clock.sleeps == 2 }
        #expect(await self.runs.all.count == 1)
        self.clock.turn()
        try await eventually { await self.runs.all == [[1, 2, 3, 4], [5, 6]] }
        await self.runs.end()
        #expect(try await [first, second] == [5, 6])
        // Two are not many: who comes now is alone again.
        #expect(try await coalescer.submit(7) { 70 } == 70)
        #expect(self.clock.sleeps == 2)
    }

    @Test func itWaitsForSoManyTurnsAtMost() async throws {
        let coalescer = self.coalescer(turns: 3)
        try await self.makeBusy(coalescer)
        var tasks: [Task<Int, any Error>] = []
        for input in 5...8 {
            tasks.append(Task { try await coalescer.submit(input) { -1 } })
            try await eventually { self.clock.sleeping == 1 && coalescer.waitingCount == input - 4 }
            #expect(await self.runs.all.count == 1)
            // Who comes first begins the first turn.
            guard input > 5 else { continue }
            self.clock.turn()
            if input < 8 { try await eventually { self.clock.sleeps == input - 4 } }
        }
        try await eventually { await self.runs.all.count == 2 }
        #expect(await self.runs.all.last == [5, 6, 7, 8])
        await self.runs.end()
        for (task, input) in zip(tasks, 5...8) { #expect(try await task.value == input) }
        #expect(self.clock.sleeps == 3)
    }

    @Test func aFullBatchWaitsForNothing() async throws {
        let coalescer = self.coalescer(batch: 4)
        try await self.makeBusy(coalescer)
        async let results = coalescer.submit(contentsOf: [5, 6, 7, 8])
        try await eventually { await self.runs.all == [[1, 2, 3, 4], [5, 6, 7, 8]] }
        await self.runs.end()
        #expect(await results.count == 4)
        #expect(self.clock.sleeps == 0)
    }

    /// Three may run at once, but two while many come; what fills a batch waits for no other.
    @Test func fewerRunWhileManyCome() async throws {
        let coalescer = self.coalescer(batch: 8)
        let submit = { (call: Int) in
            Task { await coalescer.submit(contentsOf: (0..<4).map { call * 4 + $0 }) }
        }
        var calls = [submit(0)]
        try await eventually { await self.runs.all.count == 1 }
        calls.append(submit(1))
        try await eventually { self.clock.sleeping == 1 }
        self.clock.turn()
        try await eventually { await self.runs.all.count == 2 }
        calls.append(submit(2))
        try await eventually { coalescer.waitingCount == 4 }
        calls.append(submit(3))
        try await eventually { await self.runs.all.count == 3 }
        #expect(await self.runs.all.map(\.count) == [4, 4, 8])
        for _ in 0..<3 { await self.runs.end() }
        for call in calls { #expect(await call.value.count == 4) }
    }
}

/// Runs that end when the test says so.
private actor Runs {
    private(set) var all: [[Int]] = []
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func begin(_ inputs: [Int]) async {
        self.all.append(inputs.sorted())
        await withCheckedContinuation { self.waiters.append($0) }
    }

    func end() {
        if !self.waiters.isEmpty { self.waiters.removeFirst().resume() }
    }
}

/// A clock whose sleeps last until the test ends them.
private final class TurnClock: Clock {
    typealias Instant = ContinuousClock.Instant

    private let state = Mutex<(sleepers: [CheckedContinuation<Void, Never>], count: Int)>(([], 0))

    let now = ContinuousClock.now
    var minimumResolution: Duration { .zero }
    var sleeps: Int { self.state.withLock(\.count) }
    var sleeping: Int { self.state.withLock(\.sleepers.count) }

    func turn() {
        let sleepers = self.state.withLock { state in
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.resume() }
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        await withCheckedContinuation { continuation in
            self.state.withLock { state in
                state.sleepers.append(continuation)
                state.count += 1
            }
        }
    }
}
