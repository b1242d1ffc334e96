import Metrics
import Synchronization

/// One combination of labels of one metric.
protocol RegisteredSeries: AnyObject, Sendable {
    var id: SeriesID { get }
    func write(into text: inout PrometheusText)
}

/// The name of a metric, and its labels as they stand between the braces.
struct SeriesID: Sendable {
    let name: String
    let labels: String

    init(_ name: String, _ dimensions: [(String, String)]) {
        self.name = name
        self.labels = dimensions.map { "\($0)=\"\(PrometheusText.escaped(label: $1))\"" }.joined(separator: ",")
    }
}

final class RegisteredCounter: RegisteredSeries, CounterHandler {
    let id: SeriesID
    private let count = Atomic<Int64>(0)

    init(_ id: SeriesID) { self.id = id }

    var value: Int64 { self.count.load(ordering: .relaxed) }

    func increment(by amount: Int64) { self.count.add(amount, ordering: .relaxed) }
    func reset() { self.count.store(0, ordering: .relaxed) }

    func write(into text: inout PrometheusText) { text.add(self.id, value: "\(self.value)") }
}

final class RegisteredGauge: RegisteredSeries, RecorderHandler, MeterHandler {
    let id: SeriesID
    private let value = Mutex(0.0)

    init(_ id: SeriesID) { self.id = id }

    func set(_ value: Int64) { self.value.withLock { $0 = Double(value) } }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { self.value.withLock { $0 += amount } }
    func decrement(by amount: Double) { self.value.withLock { $0 -= amount } }
    func record(_ value: Int64) { self.set(value) }
    func record(_ value: Double) { self.set(value) }

    func write(into text: inout PrometheusText) {
        text.add(self.id, value: PrometheusText.number(self.value.withLock(\.self)))
    }
}

final class RegisteredHistogram: RegisteredSeries, RecorderHandler, TimerHandler {
    private struct State {
        /// Of each bucket alone, the one that takes all at the end.
        var counts: [Int]
        var sum = 0.0
    }

    let id: SeriesID
    private let bounds: [Double]
    private let state: Mutex<State>

    init(_ id: SeriesID, buckets: [Double]) {
        self.id = id
        self.bounds = buckets
        self.state = Mutex(State(counts: Array(repeating: 0, count: buckets.count + 1)))
    }

    func record(_ value: Int64) { self.record(Double(value)) }

    func record(_ value: Double) {
        let place = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) { self.record(Double(duration) / 1e9) }

    func write(into text: inout PrometheusText) {
        let (counts, sum) = self.state.withLock { ($0.counts, $0.sum) }
        var total = 0
        for (count, bound) in zip(counts, self.bounds + [.infinity]) {
            total += count
            text.add(self.id, suffix: "_bucket", bound: bound, value: "\(total)")
        }
        text.add(self.id, suffix: "_sum", value: PrometheusText.number(sum))
        text.add(self.id, suffix: "_count", value: "\(total)")
    }
}
