import Foundation
import Synchronization

/// How many messages the provider has taken, looked at again and again.
final class Deliveries: Sendable {
    struct Look: Sendable, Equatable {
        let at: ContinuousClock.Instant
        let accepted: Int
    }

    private let stub: StubClient
    private let state = Mutex<[Look]>([])

    init(_ stub: StubClient) {
        self.stub = stub
    }

    var looks: [Look] { self.state.withLock(\.self) }

    /// At the last look.
    var accepted: Int { self.state.withLock { $0.last?.accepted ?? 0 } }

    /// Looks until it is cancelled.
    func watch(every interval: Duration) async throws {
        while !Task.isCancelled {
            let accepted = try await self.stub.acceptedCount()
            self.state.withLock { $0.append(Look(at: .now, accepted: accepted)) }
            try await Task.sleep(for: interval)
        }
    }

    /// Messages a second between the first look within `window` and the last; 0 with fewer than two.
    static func perSecond(_ looks: [Look], in window: Range<ContinuousClock.Instant>) -> Double {
        let within = looks.filter { window.contains($0.at) }
        guard let first = within.first, let last = within.last, last.at > first.at else { return 0 }
        return Double(last.accepted - first.accepted) / ((last.at - first.at) / .seconds(1))
    }
}

/// Runs `body` while deliveries are watched.
func withDeliveries<Value: Sendable>(
    at stub: StubClient,
    every interval: Duration,
    _ body: @escaping @Sendable (Deliveries) async throws -> Value
) async throws -> Value {
    let deliveries = Deliveries(stub)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await deliveries.watch(every: interval)
            return nil
        }
        group.addTask { try await body(deliveries) }
        while let value = try await group.next() {
            guard let value else { continue }
            group.cancelAll()
            return value
        }
        throw LoadFailure("Stopped.")
    }
}
