import Foundation
import Installation
import Postgres
import Shared
import TestSupport
import Testing

extension Engine {
    /// Texts that may stand only where they belong, through everything that an installation does and suffers.
    @Suite struct CanaryTests {
        /// Postgres as `deploy/up` and docker-compose run it, but with every statement in its log.
        private static let logsEverything = [
            "log_statement=all", "log_min_duration_statement=0", "log_min_messages=info", "log_error_verbosity=terse",
            "log_parameter_max_length=0", "log_parameter_max_length_on_error=0",
        ]

        @Test(.timeLimit(.minutes(5))) func whatIsConfidentialStaysWhereItBelongs() async throws {
            try await withPrivatePostgres(.durable.with(Self.logsEverything)) { server, databases in
                var plan = InstallationPlan(workers: 1)
                plan.logLevel = "debug"
                try await withInstallation(plan, databases: databases) { herald in
                    let canaries = Canaries()
                    let refusals = try await CanaryLife(herald, canaries).live()
                    // Else the search would prove nothing.
                    let places = try await canaries.places(in: databases)
                    #expect(places.count > 10)

                    #expect(places.filter { $0.canary.kind == .secret }.map(\.description) == [])
                    let astray = places.filter { $0.canary.kind == .personal && !Canaries.homes.contains($0.column) }
                    #expect(astray.map(\.description) == [])
                    #expect(refusals.count > 20)
                    for refusal in refusals { #expect(canaries.found(in: refusal) == [], "\(refusal)") }
                    try await Self.checkLogs(of: herald, server, canaries)
                    try await Self.checkProcesses(of: herald, canaries)
                    try await Self.checkMetrics(of: herald, canaries)
                }
            }
        }

        private static func checkLogs(
            of herald: Installation,
            _ server: PrivatePostgres,
            _ canaries: Canaries
        ) async throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: herald.folder)
            let logs = names.filter { $0.hasSuffix(".log") }.map { "\(herald.folder)/\($0)" } + [server.log]
            #expect(logs.count > 6)
            for path in logs {
                let text = try String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self)
                #expect(!text.isEmpty, "\(path)")
                #expect(canaries.found(in: text) == [], "\(path)")
            }
            // The log has the statements, and so would have had the values.
            let statements = try String(decoding: Data(contentsOf: URL(filePath: server.log)), as: UTF8.self)
            #expect(statements.contains("INSERT INTO messages") && statements.contains("duplicate key value"))
        }

        /// What `ps` shows, what the environment holds, and whether a crash would write memory down.
        private static func checkProcesses(of herald: Installation, _ canaries: Canaries) async throws {
            let pids = await herald.processes.pids
            #expect(pids.count > 6)
            for (name, pid) in pids {
                let line = try String(contentsOfFile: "/proc/\(pid)/cmdline", encoding: .utf8)
                #expect(line.contains(name.prefix(8)), "\(line)")
                for secret in canaries.secrets + herald.ownSecrets { #expect(!line.contains(secret), "\(name)") }
                // Root sees everything; nobody else sees more than the command line.
                let environment = try? String(contentsOfFile: "/proc/\(pid)/environ", encoding: .utf8)
                #expect((environment == nil) == (getuid() != 0), "\(name)")
                #expect(canaries.found(in: environment ?? "") == [], "\(name)")
                let limits = try String(contentsOfFile: "/proc/\(pid)/limits", encoding: .utf8)
                let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") })
                #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], "\(name)")
            }
        }

        private static func checkMetrics(of herald: Installation, _ canaries: Canaries) async throws {
            for port in herald.ports.all {
                let service = API(url: herald.ports.url(port), key: nil)
                for path in ["/metrics", "/healthz", "/readyz"] {
                    #expect(canaries.found(in: try await service.get(path).text) == [], "\(port) \(path)")
                }
            }
        }
    }
}
