package import Metrics
import Synchronization

/// The process's metrics: what `/metrics` shows.
///
/// What `MetricCatalog` knows has its help and its buckets. A metric has `seriesLimit` combinations of labels at most: what is
/// more is counted, and otherwise ignored, so that no caller can fill the memory.
package final class MetricsRegistry: MetricsFactory {
    /// More than the routes of a gateway times their statuses.
    package static let seriesLimit = 2000

    struct Family {
        let description: MetricDescription
        var series: [String: any RegisteredSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])
    private let seriesLimit: Int
    private let refused = RegisteredCounter(SeriesID("herald_metric_series_refused_total", []))

    package init(seriesLimit: Int = MetricsRegistry.seriesLimit) {
        self.seriesLimit = seriesLimit
    }

    /// All of it in the text format of Prometheus, version 0.0.4; the process's own metrics are not in it.
    package var text: String {
        let families = self.families.withLock { Array($0.values) }
        var text = PrometheusText()
        for family in families.sorted(by: { $0.description.name < $1.description.name }) {
            text.add(family.description)
            for (_, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(into: &text) }
        }
        if let description = MetricCatalog.descriptions[self.refused.id.name] { text.add(description) }
        self.refused.write(into: &text)
        return text.text
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.series(label, dimensions, as: .counter, RegisteredCounter.init) ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.series(label, dimensions, as: .gauge, RegisteredGauge.init) ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else {
            return self.series(label, dimensions, as: .gauge, RegisteredGauge.init) ?? NOOPMetricsHandler.instance
        }
        return self.histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.histogram(label, dimensions) ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { self.forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { self.forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { self.forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { self.forget(handler) }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> RegisteredHistogram? {
        let buckets = MetricCatalog.descriptions[label]?.buckets ?? MetricBuckets.calls
        return self.series(label, dimensions, as: .histogram) { RegisteredHistogram($0, buckets: buckets) }
    }

    /// - Returns: nil where there is no room for it, and where the name is one of another kind.
    private func series<Series: RegisteredSeries>(
        _ label: String,
        _ dimensions: [(String, String)],
        as kind: MetricDescription.Kind,
        _ make: (SeriesID) -> Series
    ) -> Series? {
        let id = SeriesID(label, dimensions)
        let series = self.families.withLock { families -> Series? in
            var family =
                families[label]
                ?? Family(
                    description: MetricCatalog.descriptions[label]
                        ?? MetricDescription(name: label, kind: kind, help: "", buckets: [])
                )
            if let known = family.series[id.labels] { return known as? Series }
            guard family.description.kind == kind, family.series.count < self.seriesLimit else { return nil }
            let series = make(id)
            family.series[id.labels] = series
            families[label] = family
            return series
        }
        if series == nil { self.refused.increment(by: 1) }
        return series
    }

    private func forget(_ handler: any AnyObject) {
        guard let series = handler as? any RegisteredSeries else { return }
        self.families.withLock { families in
            guard families[series.id.name]?.series[series.id.labels] === series else { return }
            families[series.id.name]?.series[series.id.labels] = nil
            if families[series.id.name]?.series.isEmpty == true { families[series.id.name] = nil }
        }
    }
}
