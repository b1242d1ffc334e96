import Foundation

/// The settings of all services, from the environment and from files.
struct ServiceSettings {
    static let services = [
        "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
        "outbound-worker",
    ]
    private static let common = "common"

    private let settings: [String: [String: String]]

    /// - Parameters:
    ///   - environment: of the process; files go before it.
    ///   - folder: of the files; nil for that of `deploy/up`, if there is one.
    ///   - directory: where that is looked for.
    /// - Throws: `CommandFailure` for a folder or a file that can not be read.
    init(environment: [String: String], folder: String?, directory: String) throws(CommandFailure) {
        let standard = "\(directory)/.herald/services"
        let path = folder ?? (FileManager.default.fileExists(atPath: standard) ? standard : nil)
        var files: [String: [String: String]] = [:]
        if let path {
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                throw .usage("The folder \(PlainText.of(path)) can not be read.")
            }
            for name in [Self.common] + Self.services where names.contains("\(name).env") {
                guard let text = try? String(contentsOf: URL(filePath: "\(path)/\(name).env"), encoding: .utf8) else {
                    throw .usage("The file \(PlainText.of(path))/\(name).env can not be read.")
                }
                files[name] = EnvFile(text).values
            }
            guard !files.isEmpty else {
                throw .usage("The folder \(PlainText.of(path)) has no settings: no common.env, nor one of a service.")
            }
        }
        var settings: [String: [String: String]] = [:]
        for service in Self.services {
            settings[service] = environment.merging(files[Self.common] ?? [:]) { $1 }
                .merging(files[service] ?? [:]) { $1 }
        }
        self.settings = settings
    }

    func of(_ service: String) -> [String: String] { self.settings[service] ?? [:] }

    /// What services must have in common, and have not; a sentence for each.
    var disagreements: [String] {
        [
            self.difference("SERVICE_TOKEN_SECRET", among: Self.services),
            self.difference("MASTER_KEY", among: ["inbound-gateway", "customer-service", "messaging-service"]),
            self.difference("PUBLIC_INBOUND_URL", among: ["inbound-gateway", "messaging-service", "outbound-worker"]),
            self.shortLease,
        ].compactMap(\.self) + self.sharedPorts
    }

    /// Never says the value, which may be a secret.
    private func difference(_ name: String, among services: [String]) -> String? {
        let values = services.map { self.of($0)[name] ?? "" }
        guard let first = values.first, let other = values.firstIndex(where: { $0 != first }) else { return nil }
        return "\(name) differs between \(services[0]) and \(services[other]): all services need the same."
    }

    private var shortLease: String? {
        let lease = self.of("messaging-service")["ENGINE_LEASE_TIME"].flatMap { Int($0) } ?? 60
        let deadline = self.of("outbound-worker")["WORKER_PROVIDER_DEADLINE"].flatMap { Int($0) } ?? 20
        guard lease < deadline + 25 else { return nil }
        return
            "ENGINE_LEASE_TIME of messaging-service is \(lease) s, and WORKER_PROVIDER_DEADLINE of outbound-worker \(deadline) s: the lease must be 25 s longer."
    }

    /// Of services whose settings say that they run on one machine.
    private var sharedPorts: [String] {
        var holders: [String: String] = [:]
        var findings: [String] = []
        for service in Self.services {
            for name in ["HTTP_PORT", "INTERNAL_HTTP_PORT", "INBOX_HTTP_PORT"] {
                guard let port = self.of(service)[name], port != "0" else { continue }
                if let other = holders[port] {
                    findings.append("\(name) of \(service) is \(port), which \(other) has already.")
                } else {
                    holders[port] = service
                }
            }
        }
        return findings
    }
}
