import Installation
import Shared
import TestSupport
import Testing

/// What the processes of an installation show to Prometheus.
struct Scrape: Sendable {
    /// By the service's name.
    let texts: [String: String]

    static func of(_ herald: Installation) async throws -> Scrape {
        let ports = [
            "api-gateway": herald.ports.watched, "inbound-gateway": herald.ports.inbox,
            "customer-service": herald.ports.customers, "conversation-service": herald.ports.conversations,
            "messaging-service": herald.ports.messaging[.a] ?? 0, "outbound-worker": herald.ports.firstWorker,
        ]
        var texts: [String: String] = [:]
        for (service, port) in ports {
            let answer = try await API(url: herald.ports.url(port), key: nil).get("/metrics")
            try #require(answer.status == 200, "\(service): \(answer.text)")
            texts[service] = answer.text
        }
        return Scrape(texts: texts)
    }

    /// The names of all metrics, of histograms with those of their parts.
    var names: Set<String> {
        var names: Set<String> = []
        for line in self.texts.values.flatMap({ $0.split(separator: "\n") }) where !line.hasPrefix("#") {
            names.insert(String(line.prefix { $0 != "{" && $0 != " " }))
        }
        return names
    }

    /// The sum of the series of one metric of a service whose labels have `label` among them.
    func sum(_ name: String, _ label: String = "", of service: String) -> Double {
        (self.texts[service] ?? "").split(separator: "\n").filter {
            $0.hasPrefix("\(name){") || $0.hasPrefix("\(name) ")
        }
        .filter { label.isEmpty || $0.contains(label) }
        .reduce(0) { $0 + (Double($1.split(separator: " ").last ?? "") ?? 0) }
    }
}
