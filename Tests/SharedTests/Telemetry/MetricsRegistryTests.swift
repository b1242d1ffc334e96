import Metrics
import Telemetry
import Testing

/// What `/metrics` shows, to the byte.
@Suite struct MetricsRegistryTests {
    private static let refused = """
        # HELP herald_metric_series_refused_total Series beyond the most that a metric may have.
        # TYPE herald_metric_series_refused_total counter
        herald_metric_series_refused_total
        """

    private func text(_ use: (MetricsRegistry) -> Void, refused: Int = 0, limit: Int = 10) -> String {
        let registry = MetricsRegistry(seriesLimit: limit)
        use(registry)
        let end = "\(Self.refused) \(refused)\n"
        #expect(registry.text.hasSuffix(end))
        return String(registry.text.dropLast(end.count))
    }

    @Test func aCounterHasItsHelpAndItsSeriesInOrder() {
        let text = self.text { registry in
            for (provider, kind) in [("twilio", "report"), ("smtp", "other"), ("twilio", "report")] {
                Counter(
                    label: "herald_inbox_events_total",
                    dimensions: [("provider", provider), ("kind", kind)],
                    factory: registry
                ).increment()
            }
        }
        #expect(
            text == """
                # HELP herald_inbox_events_total Events that were stored for the first time, by provider and kind.
                # TYPE herald_inbox_events_total counter
                herald_inbox_events_total{provider="smtp",kind="other"} 1
                herald_inbox_events_total{provider="twilio",kind="report"} 2

                """
        )
    }

    @Test func aHistogramCountsUpToEachBound() {
        let text = self.text { registry in
            let timer = Timer(label: "x_seconds", factory: registry)
            for milliseconds in [1, 3, 300, 60_000] { timer.recordMilliseconds(milliseconds) }
        }
        let lines = text.split(separator: "\n")
        #expect(lines.first == "# TYPE x_seconds histogram")
        #expect(lines.contains("x_seconds_bucket{le=\"0.001\"} 1"))
        #expect(lines.contains("x_seconds_bucket{le=\"0.005\"} 2"))
        #expect(lines.contains("x_seconds_bucket{le=\"0.25\"} 2"))
        #expect(lines.contains("x_seconds_bucket{le=\"0.5\"} 3"))
        #expect(lines.contains("x_seconds_bucket{le=\"30\"} 3"))
        #expect(lines.suffix(3) == ["x_seconds_bucket{le=\"+Inf\"} 4", "x_seconds_sum 60.304", "x_seconds_count 4"])
    }

    @Test func aGaugeShowsWhatItWasSetToLast() {
        let text = self.text { registry in
            let gauge = Gauge(label: "g", dimensions: [("a", "1")], factory: registry)
            gauge.record(7)
            gauge.record(0.5)
            let meter = Meter(label: "m", factory: registry)
            meter.increment(by: 3.0)
            meter.decrement(by: 1.0)
        }
        #expect(text == "# TYPE g gauge\ng{a=\"1\"} 0.5\n# TYPE m gauge\nm 2\n")
    }

    /// Nobody can forge a line.
    @Test func labelsAreEscaped() {
        let text = self.text { registry in
            Counter(label: "c", dimensions: [("l", "a\"b\\c\nd 1")], factory: registry).increment()
        }
        #expect(text == "# TYPE c counter\nc{l=\"a\\\"b\\\\c\\nd 1\"} 1\n")
    }

    @Test func aMetricHasSoManySeriesAndNoMore() {
        let text = self.text(
            { registry in
                for number in 0..<100 {
                    Counter(label: "c", dimensions: [("n", "\(number)")], factory: registry).increment()
                }
                // The limit is of each metric.
                Counter(label: "d", factory: registry).increment()
            },
            refused: 90
        )
        #expect(text.split(separator: "\n").count { $0.hasPrefix("c{") } == 10)
        #expect(text.hasSuffix("# TYPE d counter\nd 1\n"))
    }

    @Test func aNameIsOfOneKind() {
        let text = self.text(
            { registry in
                Counter(label: "c", factory: registry).increment()
                Gauge(label: "c", factory: registry).record(7)
                Gauge(label: "c", dimensions: [("a", "1")], factory: registry).record(7)
            },
            refused: 2
        )
        #expect(text == "# TYPE c counter\nc 1\n")
    }

    @Test func whatIsDestroyedIsNoLongerShown() {
        let text = self.text { registry in
            let gauges = ["a", "b"].map { Gauge(label: "g", dimensions: [("l", $0)], factory: registry) }
            for gauge in gauges { gauge.record(1) }
            gauges[0].destroy()
        }
        #expect(text == "# TYPE g gauge\ng{l=\"b\"} 1\n")
    }

    @Test func aFamilyKeepsItsMetricsAndItsFactory() {
        let text = self.text { registry in
            let family = withMetricsFactory(registry) { MetricFamily<Int, Counter>("c") { [("n", "\($0)")] } }
            family.prepare([3])
            for _ in 0..<2 { family[1].increment() }
        }
        #expect(text == "# TYPE c counter\nc{n=\"1\"} 2\nc{n=\"3\"} 0\n")
    }

    @Test func manyCountAtOnce() async {
        let registry = MetricsRegistry()
        await withDiscardingTaskGroup { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    for _ in 0..<1000 {
                        Counter(label: "c", factory: registry).increment()
                        Timer(label: "t_seconds", factory: registry).recordMilliseconds(1)
                    }
                }
            }
        }
        #expect(registry.text.contains("\nc 8000\n"))
        #expect(registry.text.contains("\nt_seconds_count 8000\n"))
    }
}
