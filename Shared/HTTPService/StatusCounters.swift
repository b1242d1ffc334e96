import Metrics
import Synchronization

/// The counter `http_requests_total` of each status, made once.
final class StatusCounters: Sendable {
    private let counters = Mutex<[Int: Counter]>([:])

    subscript(status: Int) -> Counter {
        self.counters.withLock { counters in
            if let counter = counters[status] { return counter }
            let counter = Counter(label: "http_requests_total", dimensions: [("status", "\(status)")])
            counters[status] = counter
            return counter
        }
    }
}
