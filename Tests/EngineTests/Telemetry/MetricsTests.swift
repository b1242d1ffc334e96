import Foundation
import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// What is watched is there: on a live system, with the names that alerts and dashboard use.
    @Suite struct MetricsTests {
        @Test(.timeLimit(.minutes(5))) func whatAlertsAndDashboardNameIsShownByALiveSystem() async throws {
            // A collector that is away: what is lost is counted, and nothing else changes.
            let plan = InstallationPlan(workers: 1, collectorURL: "http://127.0.0.1:9")
            try await withInstallation(plan) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                let id = try await tenant.create(textMessage(to: phone(1), "Hello"))
                let failed = try await tenant.create(textMessage(to: "+15550000004", "Hello", channel: "sandbox"))
                _ = try #require(try await timeUntil(.seconds(30)) { try await tenant.status(of: id) == "read" })
                _ = try #require(try await timeUntil(.seconds(30)) { try await tenant.status(of: failed) == "failed" })
                // The queue is measured each 15 s.
                let scrape = try await Self.scrape(herald)
                #expect(scrape.sum("herald_attempts_total", "outcome=\"accepted\"", of: "outbound-worker") == 1)
                #expect(scrape.sum("herald_attempts_total", "outcome=\"permanent\"", of: "outbound-worker") == 1)
                #expect(scrape.sum("herald_messages_settled_total", "status=\"read\"", of: "messaging-service") == 1)
                #expect(scrape.sum("herald_workers", "state=\"alive\"", of: "messaging-service") == 1)
                #expect(scrape.sum("herald_send_delay_seconds_count", of: "messaging-service") >= 1)
                #expect(scrape.sum("herald_inbox_settled_total", "state=\"done\"", of: "inbound-gateway") == 3)
                let route = "method=\"POST\",route=\"/api/v1/messages\",status=\"202\""
                #expect(scrape.sum("http_requests_total", route, of: "api-gateway") == 2)
                for file in ["deploy/prometheus/alerts.yml", "deploy/grafana/herald.json"] {
                    let named = try Self.metrics(in: file)
                    #expect(named.count > 20)
                    #expect(named.subtracting(scrape.names) == [], "\(file)")
                }
                // No path, no id, no address is a label.
                let ids = /[0-9a-f]{8}-[0-9a-f]{4}-/
                for (service, text) in scrape.texts {
                    #expect(text.firstMatch(of: ids) == nil, "\(service)")
                    #expect(!text.contains(phone(1).dropFirst()) && !text.contains("15550000004"), "\(service)")
                }
                try await Self.checkTheFormat(of: scrape)
            }
        }

        @Test(.timeLimit(.minutes(5))) func noPublicPortShowsMetrics() async throws {
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                for port in [herald.ports.gateway, herald.ports.inbound] {
                    let answer = try await API(url: herald.ports.url(port), key: Installation.operatorKey).get(
                        "/metrics"
                    )
                    #expect(answer.status == 404, "\(port)")
                }
            }
        }

        private static func scrape(_ herald: Installation) async throws -> Scrape {
            var scrape = try await Scrape.of(herald)
            _ = try await timeUntil(.seconds(40)) {
                scrape = try await Scrape.of(herald)
                return scrape.sum("herald_inbox_lane_open", of: "inbound-gateway") > 0
                    && scrape.sum("herald_workers", of: "messaging-service") > 0
                    && scrape.sum("herald_inbox_settled_total", "state=\"done\"", of: "inbound-gateway") == 3
            }
            return scrape
        }

        /// Every word of a file that can only be a metric's name.
        private static func metrics(in file: String) throws -> Set<String> {
            let text = try String(contentsOf: Repository.root.appending(path: file), encoding: .utf8)
            let names = text.matches(of: /\b(herald|http|process|inbound)_[a-z0-9_]+/).map { String($0.output.0) }
            return Set(names)
        }

        /// Prometheus' own opinion, where its tool is there.
        private static func checkTheFormat(of scrape: Scrape) async throws {
            guard let tool = ProcessInfo.processInfo.environment["TEST_PROMTOOL"] else { return }
            for (service, text) in scrape.texts {
                let process = Process()
                let (input, output) = (Pipe(), Pipe())
                process.executableURL = URL(filePath: tool)
                process.arguments = ["check", "metrics"]
                (process.standardInput, process.standardOutput, process.standardError) = (input, output, output)
                try process.run()
                try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
                try input.fileHandleForWriting.close()
                let words = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                process.waitUntilExit()
                #expect(process.terminationStatus == 0, "\(service): \(words)")
            }
        }
    }
}
