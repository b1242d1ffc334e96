package import Metrics
import Synchronization

/// Counters as Prometheus text; what else swift-metrics offers is ignored.
package final class MetricsRegistry: MetricsFactory {
    private let counters = Mutex<[String: RegisteredCounter]>([:])

    package init() {}

    /// `/metrics` in Prometheus text format 0.0.4.
    package var text: String {
        self.counters.withLock { counters in
            counters.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.value)\n" }.joined()
        }
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let labels = dimensions.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ",")
        let name = labels.isEmpty ? label : "\(label){\(labels)}"
        return self.counters.withLock { counters in
            let counter = counters[name] ?? RegisteredCounter()
            counters[name] = counter
            return counter
        }
    }

    /// A label's value may hold anything but these three as they are.
    private static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

private final class RegisteredCounter: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Int64 { self.count.load(ordering: .relaxed) }

    func increment(by amount: Int64) {
        self.count.add(amount, ordering: .relaxed)
    }

    func reset() {
        self.count.store(0, ordering: .relaxed)
    }
}
