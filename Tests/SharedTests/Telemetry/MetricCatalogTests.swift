import Foundation
import Telemetry
import Testing

/// The names of metrics: as Prometheus' practice wants them, and the same in the sources.
@Suite struct MetricCatalogTests {
    @Test(arguments: MetricCatalog.all) func aNameSaysWhatItIs(metric: MetricDescription) {
        #expect(metric.name.wholeMatch(of: /[a-z][a-z0-9_]*[a-z0-9]/) != nil)
        #expect((metric.kind == .counter) == metric.name.hasSuffix("_total"))
        #expect(metric.kind != .histogram || metric.name.hasSuffix("_seconds"))
        #expect(metric.help.hasSuffix(".") && metric.help.count > 20)
        #expect(metric.buckets == metric.buckets.sorted() && (metric.kind == .histogram) != metric.buckets.isEmpty)
    }

    @Test func eachIsThereOnce() {
        #expect(Set(MetricCatalog.all.map(\.name)).count == MetricCatalog.all.count)
    }

    @Test func theSourcesMakeTheseAndNoOthers() throws {
        var made: Set<String> = ["herald_metric_series_refused_total"]
        for folder in ["Shared", "Services"] {
            let base = Self.root.appending(path: folder)
            let walk = try #require(FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil))
            for case let url as URL in walk
            where url.pathExtension == "swift" && !url.path().hasSuffix("MetricCatalog.swift") {
                let text = try String(contentsOf: url, encoding: .utf8)
                for match in text.matches(of: /"((?:herald|http|inbound)_[a-z0-9_]+)"/) {
                    made.insert(String(match.output.1))
                }
            }
        }
        // A role and a channel of Postgres have names of the same form.
        made.subtract(["herald_owner", "herald_outbox"])
        let known = Set(MetricCatalog.all.map(\.name))
        #expect(known.subtracting(made) == [], "These are never measured.")
        #expect(made.subtracting(known).filter { $0.hasPrefix("herald_") || $0.hasPrefix("http_") } == [])
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
}

@Suite struct ProcessMetricsTests {
    @Test func theProcessSeesItself() throws {
        let lines = ProcessMetrics.text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let values = Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: " ")
                return (String(parts[0]), Double(parts[1]) ?? -1)
            }
        )
        #expect(values.count == 7)
        #expect(try #require(values["process_cpu_seconds_total"]) >= 0)
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
        let (open, most) = (try #require(values["process_open_fds"]), try #require(values["process_max_fds"]))
        #expect(open >= 3 && open <= most)
        let start = try #require(values["process_start_time_seconds"])
        #expect(start > 1_700_000_000 && start <= Date().timeIntervalSince1970 + 60)
    }
}
