import Batching
import Synchronization
import TestSupport
import Testing

/// Batches that wait until the test lets them go.
private actor Gate {
    private(set) var batches: [[Int]] = []
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func pass(_ batch: [Int]) async {
        self.batches.append(batch)
        await withCheckedContinuation { self.waiters.append($0) }
    }

    func openOne() {
        guard !self.waiters.isEmpty else { return }
        self.waiters.removeFirst().resume()
    }
}

private struct Odd: Error, Equatable {
    let value: Int
}

@Suite(.timeLimit(.minutes(5))) struct CoalescerTests {
    private let gate = Gate()

    private func coalescer(batch: Int = 10, concurrent: Int = 1, waiting: Int = 100) -> Coalescer<Int, Int> {
        Coalescer(maximumBatch: batch, maximumConcurrentBatches: concurrent, waitingLimit: waiting) { [gate] inputs in
            await gate.pass(inputs)
            return inputs.map { $0 % 2 == 0 ? .success($0 * 10) : .failure(Odd(value: $0)) }
        }
    }

    /// Submits one after the other, each once the one before it has arrived.
    private func submit(
        _ inputs: [Int],
        to coalescer: Coalescer<Int, Int>
    ) async throws -> [Task<Int, any Error>] {
        var tasks: [Task<Int, any Error>] = []
        for input in inputs {
            let before = coalescer.waitingCount
            tasks.append(Task { try await coalescer.submit(input) })
            if tasks.count == 1 {
                try await eventually { await self.gate.batches.count == 1 }
            } else {
                try await eventually { coalescer.waitingCount == before + 1 }
            }
        }
        return tasks
    }

    @Test func whatArrivesDuringABatchIsRunByTheNext() async throws {
        let coalescer = self.coalescer()
        let tasks = try await self.submit([2, 4, 5, 6], to: coalescer)
        #expect(await self.gate.batches == [[2]])
        await self.gate.openOne()
        #expect(try await tasks[0].value == 20)
        try await eventually { await self.gate.batches.count == 2 }
        #expect(await self.gate.batches == [[2], [4, 5, 6]])
        await self.gate.openOne()
        #expect(try await tasks[1].value == 40)
        await #expect(throws: Odd(value: 5)) { try await tasks[2].value }
        #expect(try await tasks[3].value == 60)
    }

    @Test func aBatchHasAtMostItsMaximum() async throws {
        let coalescer = self.coalescer(batch: 2)
        let tasks = try await self.submit([2, 4, 6, 8], to: coalescer)
        for count in 1...3 {
            try await eventually { await self.gate.batches.count == count }
            await self.gate.openOne()
        }
        for task in tasks { _ = try await task.value }
        #expect(await self.gate.batches == [[2], [4, 6], [8]])
    }

    @Test func severalBatchesRunAtOnceAndNoMore() async throws {
        let coalescer = self.coalescer(concurrent: 2)
        let first = Task { try await coalescer.submit(2) }
        try await eventually { await self.gate.batches.count == 1 }
        let second = Task { try await coalescer.submit(4) }
        try await eventually { await self.gate.batches.count == 2 }
        let third = Task { try await coalescer.submit(6) }
        try await eventually { coalescer.waitingCount == 1 }
        #expect(await self.gate.batches.count == 2)
        for _ in 0..<2 { await self.gate.openOne() }
        try await eventually { await self.gate.batches.count == 3 }
        await self.gate.openOne()
        #expect(try await [first.value, second.value, third.value] == [20, 40, 60])
    }

    @Test func moreThanTheLimitIsRefused() async throws {
        let coalescer = self.coalescer(waiting: 1)
        let tasks = try await self.submit([2, 4], to: coalescer)
        await #expect(throws: CoalescerFailure.full) { try await coalescer.submit(6) }
        await self.gate.openOne()
        try await eventually { await self.gate.batches.count == 2 }
        await self.gate.openOne()
        for task in tasks { _ = try await task.value }
    }

    /// Each tenth a lane: the newest of the one that has most makes room, and the others have their turns.
    @Test func whoHasMostWaitingMakesRoom() async throws {
        let coalescer = Coalescer<Int, Int>(
            maximumBatch: 2,
            maximumConcurrentBatches: 1,
            waitingLimit: 3,
            lane: { $0 / 10 }
        ) { [gate] inputs in
            await gate.pass(inputs)
            return inputs.map { .success($0) }
        }
        let tasks = try await self.submit([1, 2, 4, 6], to: coalescer)
        #expect(coalescer.isFull(for: 0) && !coalescer.isFull(for: 1))
        let other = Task { try await coalescer.submit(10) }
        await #expect(throws: CoalescerFailure.full) { try await tasks[3].value }
        #expect(coalescer.waitingCount == 3)
        await #expect(throws: CoalescerFailure.full) { try await coalescer.submit(8) }
        for count in 1...3 {
            try await eventually { await self.gate.batches.count == count }
            await self.gate.openOne()
        }
        #expect(try await other.value == 10)
        #expect(await self.gate.batches == [[1], [2, 10], [4]])
        for task in tasks.prefix(3) { _ = try await task.value }
        #expect(!coalescer.isFull(for: 0))
    }

    /// What is submitted together is run together; what is more than one run may have, at once by another.
    @Test func severalOfOneCallAreRunTogether() async throws {
        let coalescer = self.coalescer(batch: 3, concurrent: 2, waiting: 2)
        async let results = coalescer.submit(contentsOf: [2, 3, 4, 6, 8])
        try await eventually { await self.gate.batches.count == 2 }
        #expect(await self.gate.batches == [[2, 3, 4], [6, 8]])
        async let others = coalescer.submit(contentsOf: [10, 12, 14])
        try await eventually { coalescer.waitingCount == 2 }
        for count in 2...3 {
            await self.gate.openOne()
            try await eventually { await self.gate.batches.count >= count }
        }
        for _ in 0..<2 { await self.gate.openOne() }
        let values = await results.map { try? $0.get() }
        #expect(values == [20, nil, 40, 60, 80])
        let last = await others
        #expect(try last.prefix(2).map { try $0.get() } == [100, 120])
        #expect(throws: CoalescerFailure.full) { try last[2].get() }
        #expect(await coalescer.submit(contentsOf: []).isEmpty)
    }

    /// While a slot is free a submitter does its own work; what comes meanwhile is run when that is done, however it ends.
    @Test(arguments: [true, false]) func whoIsAloneWorksByItself(succeeds: Bool) async throws {
        let coalescer = self.coalescer()
        let alone = Gate()
        let first = Task {
            try await coalescer.submit(2) {
                await alone.pass([2])
                return try succeeds ? 7 : { throw Odd(value: 2) }()
            }
        }
        try await eventually { await alone.batches.count == 1 }
        let others = [4, 6].map { input in Task { try await coalescer.submit(input) { -1 } } }
        try await eventually { coalescer.waitingCount == 2 }
        #expect(await self.gate.batches.isEmpty)
        await alone.openOne()
        let result = await first.result
        if succeeds {
            #expect(try result.get() == 7)
        } else {
            #expect(throws: Odd(value: 2)) { try result.get() }
        }
        try await eventually { await self.gate.batches.count == 1 }
        await self.gate.openOne()
        var values: [Int] = []
        for other in others { values.append(try await other.value) }
        #expect(values == [40, 60])
        // The slot is free again.
        #expect(try await coalescer.submit(8) { 9 } == 9)
    }

    @Test func cancellingOneSubmitterDoesNotCancelTheBatch() async throws {
        let wasCancelled = Mutex(false)
        let coalescer = Coalescer<Int, Int>(maximumBatch: 9, maximumConcurrentBatches: 1, waitingLimit: 9) {
            [gate] inputs in
            await gate.pass(inputs)
            wasCancelled.withLock { $0 = $0 || Task.isCancelled }
            return inputs.map { .success($0) }
        }
        let tasks = try await self.submit([1, 2, 3], to: coalescer)
        tasks[0].cancel()
        tasks[1].cancel()
        await self.gate.openOne()
        try await eventually { await self.gate.batches.count == 2 }
        await self.gate.openOne()
        for (task, value) in zip(tasks, 1...3) { #expect(try await task.value == value) }
        #expect(!wasCancelled.withLock { $0 })
    }

    @Test(arguments: [0, 2]) func aWrongNumberOfResultsIsEverybodysError(count: Int) async {
        let coalescer = Coalescer<Int, Int>(maximumBatch: 9, maximumConcurrentBatches: 1, waitingLimit: 9) { _ in
            Array(repeating: .success(1), count: count)
        }
        await #expect(throws: CoalescerFailure.wrongCount(inputs: 1, results: count)) {
            try await coalescer.submit(1)
        }
    }

    @Test func aThousandAtOnceAllGetTheirOwn() async throws {
        let coalescer = Coalescer<Int, Int>(maximumBatch: 50, maximumConcurrentBatches: 3, waitingLimit: 1000) {
            inputs in
            await Task.yield()
            return inputs.map { .success(-$0) }
        }
        try await withThrowingTaskGroup(of: Bool.self) { tasks in
            for input in 0..<1000 { tasks.addTask { try await coalescer.submit(input) == -input } }
            for try await isRight in tasks { #expect(isRight) }
        }
    }
}
