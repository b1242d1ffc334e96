package import Metrics
import Synchronization

/// The metrics of one name that differ by their labels: each is made when it is first needed, and kept.
///
/// The factory is the one in force when the family is made, so that tests can have one of their own.
package final class MetricFamily<Key: Hashable & Sendable, Metric: Sendable>: Sendable {
    private let metrics = Mutex<[Key: Metric]>([:])
    private let factory: any MetricsFactory
    private let make: @Sendable (Key, any MetricsFactory) -> Metric

    /// - Parameters:
    ///   - factory: makes the handlers.
    ///   - make: makes one metric; `Key` has few values.
    package init(
        factory: any MetricsFactory = MetricsSystem.factory,
        _ make: @escaping @Sendable (Key, any MetricsFactory) -> Metric
    ) {
        self.factory = factory
        self.make = make
    }

    /// Makes the metrics of `keys` at once: a counter that is there only once it has counted can not be seen to grow.
    package func prepare(_ keys: some Sequence<Key>) {
        for key in keys { _ = self[key] }
    }

    package subscript(key: Key) -> Metric {
        self.metrics.withLock { metrics in
            if let metric = metrics[key] { return metric }
            let metric = self.make(key, self.factory)
            metrics[key] = metric
            return metric
        }
    }
}

extension MetricFamily where Metric == Counter {
    package convenience init(
        _ name: String,
        factory: any MetricsFactory = MetricsSystem.factory,
        labels: @escaping @Sendable (Key) -> [(String, String)]
    ) {
        self.init(factory: factory) { Counter(label: name, dimensions: labels($0), factory: $1) }
    }
}

extension MetricFamily where Metric == Gauge {
    package convenience init(
        _ name: String,
        factory: any MetricsFactory = MetricsSystem.factory,
        labels: @escaping @Sendable (Key) -> [(String, String)]
    ) {
        self.init(factory: factory) { Gauge(label: name, dimensions: labels($0), factory: $1) }
    }
}

extension MetricFamily where Metric == Timer {
    package convenience init(
        _ name: String,
        factory: any MetricsFactory = MetricsSystem.factory,
        labels: @escaping @Sendable (Key) -> [(String, String)]
    ) {
        self.init(factory: factory) { Timer(label: name, dimensions: labels($0), factory: $1) }
    }
}
