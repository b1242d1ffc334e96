import APIGateway
import AsyncHTTPClient
import Configuration
import ConversationService
import CustomerService
import Foundation
import InboundGateway
import InternalAPI
import Logging
import MessagingService
import OutboundWorker
import ServiceLifecycle
import Synchronization
import Telemetry
import TestSupport
import Testing

/// The files in `deploy/env`: they explain every setting that a service reads, no other, and start it as they are.
@Suite struct EnvironmentFileTests {
    /// What services hold until the process ends: they are made, and never started.
    private static let held = Mutex<[any Service]>([])

    @Test(arguments: [
        "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
        "outbound-worker",
    ])
    func aFileExplainsWhatItsServiceReads(service: String) async throws {
        let (own, common) = (try EnvironmentFile("\(service).env"), try EnvironmentFile("common.env"))
        let state = FileManager.default.temporaryDirectory.appending(path: "herald-env-\(UUID())").path()
        defer { try? FileManager.default.removeItem(atPath: state) }
        let filled = [
            "SERVICE_TOKEN_SECRET": String(repeating: "s", count: 40),
            "OPERATOR_KEY": String(repeating: "o", count: 40),
            "KEY_PEPPER": String(repeating: "p", count: 40), "WORKER_STATE_DIR": state,
            "MASTER_KEY": Data(repeating: 9, count: 32).base64EncodedString(),
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318",
        ]
        let read = ReadSettings()
        // A former name is read only where the present one is not set.
        for values in [common.required.merging(own.required) { $1 }, common.values.merging(own.values) { $1 }] {
            let reader = ConfigReader(
                provider: EnvironmentVariablesProvider(environmentVariables: values.merging(filled) { $1 }),
                accessReporter: read
            )
            let services = try await Self.make(service, reader)
            Self.held.withLock { $0 += services }
            // `Program` reads these for every service.
            _ = try await TraceConfig.read(reader)
            _ = reader.string(forKey: "log.level")
        }
        #expect(read.names.subtracting(own.names.union(common.names)) == [], "deploy/env does not explain these.")
        #expect(own.names.subtracting(read.names) == [], "Nobody reads these.")
        // The worker answers a hundred connections, always.
        #expect(common.names.subtracting(read.names).subtracting(["HTTP_CONNECTIONS"]) == [])
        #expect(own.names.isDisjoint(with: common.names))
    }

    @Test func everyVariableIsExplained() throws {
        for name in ["common", "migrate", "api-gateway", "inbound-gateway", "messaging-service", "outbound-worker"] {
            var isExplained = false
            for line in try EnvironmentFile("\(name).env").lines {
                if line.isEmpty { isExplained = false }
                if line.hasPrefix("# "), EnvironmentFile.setting(in: line) == nil { isExplained = true }
                if let setting = EnvironmentFile.setting(in: line) { #expect(isExplained, "\(name): \(setting.name)") }
            }
        }
    }

    private static func make(_ service: String, _ reader: ConfigReader) async throws -> [any Service] {
        let (client, logger) = (HTTPClient.internal(), Logger.quiet)
        defer { Task { try? await client.shutdown() } }
        return switch service {
        case "api-gateway": try await APIGatewayApp(reader: reader, client: client, logger: logger).services
        case "inbound-gateway": try await InboundGatewayApp(reader: reader, client: client, logger: logger).services
        case "customer-service": try await CustomerApp(reader: reader, logger: logger).services
        case "conversation-service": try await ConversationApp(reader: reader, logger: logger).services
        case "messaging-service": try await MessagingApp(reader: reader, client: client, logger: logger).services
        default: try await OutboundWorkerApp(reader: reader, logger: logger).services
        }
    }
}

/// Notes which variables are asked for.
private final class ReadSettings: AccessReporter {
    private let read = Mutex<Set<String>>([])

    var names: Set<String> { self.read.withLock(\.self) }

    func report(_ event: AccessEvent) {
        for result in event.providerResults {
            guard let lookup = try? result.result.get() else { continue }
            self.read.withLock { _ = $0.insert(lookup.encodedKey) }
        }
    }
}

/// One of the examples: what is set in it, and what is shown with its default.
private struct EnvironmentFile {
    let lines: [String]

    init(_ name: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "deploy/env/\(name).example"), encoding: .utf8)
        self.lines = text.components(separatedBy: "\n")
    }

    var names: Set<String> { Set(self.lines.compactMap(Self.setting).map(\.name)) }
    /// Without those that are left empty.
    var values: [String: String] { Self.values(in: self.lines) }
    /// Those that are set as the file stands.
    var required: [String: String] { Self.values(in: self.lines.filter { !$0.hasPrefix("#") }) }

    private static func values(in lines: [String]) -> [String: String] {
        let settings = lines.compactMap(self.setting).filter { !$0.value.isEmpty }
        return Dictionary(uniqueKeysWithValues: settings.map { ($0.name, $0.value) })
    }

    static func setting(in line: String) -> (name: String, value: String)? {
        line.wholeMatch(of: /(?:# )?([A-Z][A-Z0-9_]+)=(.*)/).map { (String($0.output.1), String($0.output.2)) }
    }
}
