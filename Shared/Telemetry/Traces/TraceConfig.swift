package import Configuration
import Shared

/// Where traces go, by the names that OpenTelemetry gives its settings.
///
/// Keys:
/// - `otel.exporter.otlp.endpoint` (URL, default none): the collector, like `http://collector:4318`; without it there are no traces.
/// - `otel.exporter.otlp.headers` (string, optional, secret): `name=value` with commas between, for the collector.
/// - `otel.service.name` (string, default the program's name): what the collector calls this service.
/// - `otel.traces.sampler.arg` (number, default 1, range 0–1): the part of the traces that begin here which is recorded.
package struct TraceConfig: Sendable {
    /// With the path of traces.
    package let url: String
    package let headers: [(String, String)]
    package let serviceName: String?
    package let ratio: Double

    package init(url: String, headers: [(String, String)] = [], serviceName: String? = nil, ratio: Double = 1) {
        self.url = url
        self.headers = headers
        self.serviceName = serviceName
        self.ratio = ratio
    }

    /// - Returns: nil without a collector.
    /// - Throws: `ConfigFailure`, or what the reader throws for a malformed value.
    package static func read(_ reader: ConfigReader) async throws -> TraceConfig? {
        let endpoint = try await reader.fetchString(forKey: "otel.exporter.otlp.endpoint", default: "")
        guard !endpoint.isEmpty else { return nil }
        guard ["http://", "https://"].contains(where: endpoint.hasPrefix),
            !endpoint.contains(where: { $0 == "?" || $0 == "#" || $0.isWhitespace })
        else {
            throw ConfigFailure(
                key: "OTEL_EXPORTER_OTLP_ENDPOINT",
                reason: "must be a URL like http://collector:4318"
            )
        }
        let text = try await reader.fetchString(forKey: "otel.exporter.otlp.headers", isSecret: true, default: "")
        let headers = try text.split(separator: ",").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " } }
            guard parts.count == 2, parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }),
                parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw ConfigFailure(key: "OTEL_EXPORTER_OTLP_HEADERS", reason: "must be like name=value,name=value")
            }
            return (parts[0], parts[1])
        }
        let ratio = try await reader.fetchDouble(forKey: "otel.traces.sampler.arg", default: 1)
        guard (0...1).contains(ratio) else {
            throw ConfigFailure(key: "OTEL_TRACES_SAMPLER_ARG", reason: "\(ratio) is outside 0...1")
        }
        let name = try await reader.fetchString(forKey: "otel.service.name", default: "")
        return TraceConfig(
            url: (endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint) + "/v1/traces",
            headers: headers,
            serviceName: name.isEmpty ? nil : name,
            ratio: ratio
        )
    }
}
