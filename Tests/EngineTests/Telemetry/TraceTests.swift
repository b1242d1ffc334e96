import Foundation
import Installation
import NIOHTTP1
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// A message's whole life is one trace, from the caller's own to the provider's callbacks.
    @Suite struct TraceTests {
        private static let text = "CANARY-of-the-text"
        private static let recipient = "+4915110000077"

        @Test(.timeLimit(.minutes(5))) func everyServiceAddsToTheCallersTrace() async throws {
            try await withTraceCollector { collector, url in
                try await withInstallation(InstallationPlan(workers: 1, collectorURL: url)) { herald in
                    let tenant = try await herald.newTenant()
                    try await tenant.newWhatsAppAccount()
                    let (trace, parent) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
                    let answer = try await tenant.post(
                        "/api/v1/messages",
                        textMessage(to: Self.recipient, Self.text),
                        ["traceparent": "00-\(trace)-\(parent)-01"]
                    )
                    try #require(answer.status == 202, "\(answer.text)")
                    _ = try #require(
                        try await timeUntil(.seconds(30)) { try await tenant.status(of: answer.id) == "read" }
                    )
                    // Spans are exported each second.
                    let isWhole = try await timeUntil(.seconds(10)) {
                        let spans = collector.spans(of: trace)
                        return Set(spans.map(\.service)) == Self.services
                            && spans.count { $0.name == "webhook" } == 3 && Self.sources(of: spans) == Self.settlers
                    }
                    let spans = collector.spans(of: trace)
                    #expect(isWhole != nil, "\(spans.map { "\($0.service): \($0.name)" })")
                    let names = Set(spans.map(\.name))
                    for name in [
                        "POST /api/v1/messages", "POST messaging-service", "POST /internal/messages", "wait in queue",
                        "send by whatsapp_cloud", "settle", "webhook",
                    ] { #expect(names.contains(name), "\(name) is not among \(names.sorted())") }
                    // The client's own spans are off, and so are the headers that it would send to providers.
                    #expect(!names.contains("POST"))
                    // Whatever is above a span is in the trace too, up to the caller's own.
                    let ids = Set(spans.map(\.id)).union([parent])
                    #expect(spans.allSatisfy { $0.parentID.map(ids.contains) ?? false })
                    let settled = spans.filter { $0.name == "settle" }
                    #expect(settled.allSatisfy { $0.attributes["herald.message.id"] == answer.id })
                    #expect(Self.sources(of: spans) == Self.settlers)
                    for secret in [Self.text, Self.recipient, String(Self.recipient.dropFirst())] {
                        #expect(!collector.text.contains(secret))
                    }
                }
            }
        }

        /// Who told what became of the message, as its settlements say.
        private static func sources(of spans: [TraceCollector.Span]) -> Set<String> {
            Set(spans.filter { $0.name == "settle" }.compactMap { $0.attributes["herald.event.source"] })
        }

        private static let settlers: Set<String> = ["worker", "provider"]
        private static let services: Set<String> = [
            "api-gateway", "inbound-gateway", "customer-service", "conversation-service", "messaging-service",
            "outbound-worker",
        ]
    }
}
