import Synchronization

/// Creates messages over all connections for a fixed time.
struct CreateRun: Sendable {
    enum Keys: Sendable {
        case none
        case unique(run: String)

        func key(_ number: Int) -> String? {
            switch self {
            case .none: nil
            case .unique(let run): "\(run)-\(number)"
            }
        }
    }

    /// What one connection, or all of them, measured.
    struct Tally: Sendable {
        var latencies = Samples()
        var outcomes = Outcomes()
    }

    private static let path = "/api/v1/messages"
    private static let created = 202

    let client: LoadClient
    let body: MessageBody
    let keys: Keys
    let connections: Int
    let warmUp: Duration
    let measured: Duration

    /// Counts what is answered within the measured time, whenever it was sent.
    func callAsFunction() async -> Tally {
        let start = ContinuousClock.now + self.warmUp
        let window = start..<(start + self.measured)
        let next = SharedCounter()
        return await withTaskGroup(of: Tally.self) { group in
            for _ in 0..<self.connections {
                group.addTask { await self.connection(next: next, window: window) }
            }
            var total = Tally()
            for await tally in group {
                total.latencies.append(contentsOf: tally.latencies)
                total.outcomes.add(tally.outcomes)
            }
            return total
        }
    }

    private func connection(next: SharedCounter, window: Range<ContinuousClock.Instant>) async -> Tally {
        var tally = Tally()
        while true {
            let number = next.take()
            let body = self.body.buffer(number)
            let start = ContinuousClock.now
            guard start < window.upperBound else { return tally }
            do {
                let answer = try await self.client.post(Self.path, body, idempotencyKey: self.keys.key(number))
                let end = ContinuousClock.now
                guard window.contains(end) else { continue }
                tally.outcomes.count(answer, expected: Self.created)
                if answer.status == Self.created { tally.latencies.append(end - start) }
            } catch {
                guard window.contains(ContinuousClock.now) else { continue }
                tally.outcomes.count(error)
            }
        }
    }
}

/// Numbers messages across connections.
private final class SharedCounter: Sendable {
    private let value = Atomic(0)

    func take() -> Int {
        self.value.wrappingAdd(1, ordering: .relaxed).oldValue
    }
}
