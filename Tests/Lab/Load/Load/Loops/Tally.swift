import Synchronization

/// What the requests of a loop measured.
struct Tally: Sendable {
    /// Of those that were answered as expected.
    private(set) var latencies = LatencyHistogram()
    private(set) var outcomes = Outcomes()
    /// What an open loop sent later than it was to be sent by more than a tenth of a second.
    private(set) var late = 0

    mutating func countLate() { self.late += 1 }

    mutating func count(_ result: Result<LoadAnswer, LoadFailure>, expected: Int, after latency: Duration) {
        switch result {
        case .success(let answer):
            self.outcomes.count(answer, expected: expected)
            if answer.status == expected { self.latencies.append(latency) }
        case .failure(let failure):
            self.outcomes.count(failure)
        }
    }

    mutating func add(_ other: Self) {
        self.latencies.append(contentsOf: other.latencies)
        self.outcomes.add(other.outcomes)
        self.late += other.late
    }
}

/// A tally that all requests of a loop add to.
final class SharedTally: Sendable {
    private let tally = Mutex(Tally())

    var value: Tally { self.tally.withLock(\.self) }

    func countLate() { self.tally.withLock { $0.countLate() } }

    func count(_ result: Result<LoadAnswer, LoadFailure>, expected: Int, after latency: Duration) {
        self.tally.withLock { $0.count(result, expected: expected, after: latency) }
    }
}

/// Numbers requests across connections.
final class SharedCounter: Sendable {
    private let value = Atomic(0)

    var current: Int { self.value.load(ordering: .relaxed) }

    @discardableResult
    func take() -> Int {
        self.value.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    func give() {
        self.value.wrappingSubtract(1, ordering: .relaxed)
    }

    func add(_ count: Int) {
        self.value.wrappingAdd(count, ordering: .relaxed)
    }
}
