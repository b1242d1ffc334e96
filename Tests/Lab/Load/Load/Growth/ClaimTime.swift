import Foundation
import Installation

/// What claims cost messaging-service, as its metrics tell it.
struct ClaimTime: Sendable, Equatable {
    let seconds: Double
    let messages: Double

    /// Of each message between two looks; nil when none was claimed.
    static func perMessage(from first: ClaimTime, to last: ClaimTime) -> Double? {
        let messages = last.messages - first.messages
        return messages > 0 ? (last.seconds - first.seconds) / messages : nil
    }

    static func now(_ lab: Lab) async throws -> ClaimTime {
        let url = lab.installation.ports.url(.a)
        return try await LoadClient.with(url, connections: 1) { client in
            let answer = try await client.get("/metrics")
            guard answer.status == 200 else { throw LoadFailure("\(url)/metrics is answered \(answer.status).") }
            return ClaimTime(metrics: String(decoding: answer.body, as: UTF8.self))
        }
    }

    init(seconds: Double, messages: Double) {
        self.seconds = seconds
        self.messages = messages
    }

    init(metrics: String) {
        self.init(
            seconds: Self.sum(of: "herald_claim_duration_seconds_sum", in: metrics),
            messages: Self.sum(of: "herald_leases_total", in: metrics)
        )
    }

    /// Of all lines of a name, whatever their labels: `name{a="b"} 1.5`.
    private static func sum(of name: String, in text: String) -> Double {
        text.split(separator: "\n").reduce(0) { sum, line in
            guard line.hasPrefix(name), let next = line.dropFirst(name.count).first, next == "{" || next == " " else {
                return sum
            }
            return sum + (line.split(separator: " ").last.flatMap { Double($0) } ?? 0)
        }
    }
}
