import Crypto
import Foundation
import NIOHTTP1
import Shared
import Synchronization
package import TestClient

/// Customers of one WhatsApp account who write at a steady rate, each in a conversation of their own.
///
/// Where messages were sent before, some beats bring a status of one of them instead; Meta repeats it at times.
package final class InboundTraffic: Sendable {
    package struct Call: Sendable {
        package let startedAt: ContinuousClock.Instant
        package let milliseconds: Double
        package let status: Int?
        /// Whether it was told when to come again.
        package let hasRetryAfter: Bool
    }

    private let inbound: API
    private let number: String
    private let conversations: Int
    private let sent: [SentMessage]
    private let calls = Mutex<[Call]>([])

    package init(_ herald: Installation, number: String, conversations: Int, sent: [SentMessage] = []) {
        self.inbound = API(url: herald.ports.url(herald.ports.inbound), key: nil)
        self.number = number
        self.conversations = conversations
        self.sent = sent
    }

    /// Every call that was made, repetitions included.
    package var all: [Call] { self.calls.withLock(\.self) }

    /// Posts the message of one beat, and repeats it as Meta does until it is taken.
    package func post(_ beat: Int) async throws {
        guard let report = self.report(at: beat) else { return try await self.insist(self.body(beat)) }
        let body = self.body(report)
        try await self.insist(body)
        if beat.isMultiple(of: 4) { try await self.insist(body) }
    }

    /// What each conversation must have, in its order.
    package func expected(after beats: Int) -> [String: [String]] {
        let messages = (0..<beats).filter { self.report(at: $0) == nil }
        return Dictionary(grouping: messages) { $0 % self.conversations }.reduce(into: [:]) { texts, entry in
            texts["+\(self.phone(entry.key))"] = entry.value.map { "\($0)" }
        }
    }

    /// The statuses that each sent message must have been told of, by its id.
    package func expectedReports(after beats: Int) -> [String: [String]] {
        let reports = (0..<beats).compactMap(self.report)
        return Dictionary(grouping: reports, by: \.message.id).mapValues { $0.map(\.status).sorted() }
    }

    /// The status that a beat brings; nil when it brings a message, as the first ones do, which make the customers known.
    private func report(at beat: Int) -> Report? {
        let number = (beat - self.conversations) / Self.beatsPerReport
        guard beat >= self.conversations, beat.isMultiple(of: Self.beatsPerReport),
            number < self.sent.count * Report.statuses.count
        else { return nil }
        return Report(
            message: self.sent[number / Report.statuses.count],
            status: Report.statuses[number % Report.statuses.count]
        )
    }

    private func insist(_ body: String) async throws {
        while try await !self.isTaken(body) { try await pause(.milliseconds(500)) }
    }

    private func isTaken(_ body: String) async throws -> Bool {
        let start = ContinuousClock.now
        let answer = try? await self.inbound.send(
            .POST,
            "/webhooks/whatsapp",
            Array(body.utf8),
            ["x-hub-signature-256": Self.signature(body)]
        )
        try Task.checkCancellation()
        let call = Call(
            startedAt: start,
            milliseconds: start.duration(to: .now) / .milliseconds(1),
            status: answer?.status,
            hasRetryAfter: answer?.headers.contains(name: "retry-after") ?? false
        )
        self.calls.withLock { $0.append(call) }
        return answer?.status == 200
    }

    private func phone(_ conversation: Int) -> String { "1415\(5_550_000 + conversation)" }

    private func body(_ beat: Int) -> String {
        let seconds = Timestamp.now.microseconds / 1_000_000
        let phone = self.phone(beat % self.conversations)
        return self.body(
            #""messages":[{"id":"wamid.\#(beat)","from":"\#(phone)","timestamp":"\#(seconds)","type":"text","#
                + #""text":{"body":"\#(beat)"}}]"#
        )
    }

    private func body(_ report: Report) -> String {
        let seconds = Timestamp.now.microseconds / 1_000_000
        return self.body(
            #""statuses":[{"id":"\#(report.message.providerID)","status":"\#(report.status)","#
                + #""timestamp":"\#(seconds)"}]"#
        )
    }

    private func body(_ part: String) -> String {
        #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"#
            + #"{"messaging_product":"whatsapp","metadata":{"phone_number_id":"\#(self.number)"},\#(part)}}]}]}"#
    }

    private static func signature(_ body: String) -> String {
        let key = SymmetricKey(data: Data(Installation.whatsAppSecret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key)
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension InboundTraffic {
    private static let beatsPerReport = 5

    /// A message of ours that its provider has taken.
    package struct SentMessage: Sendable {
        package let id: String
        package let providerID: String
    }

    /// What Meta says of a message.
    private struct Report: Sendable {
        /// Not in the order in which they happen.
        static let statuses = ["delivered", "read", "sent"]

        let message: SentMessage
        let status: String
    }
}

extension API {
    /// The texts of each conversation's inbound messages, the oldest first, by the customer's number.
    package func inboundTexts() async throws -> [String: [String]] {
        var texts: [String: [String]] = [:]
        var cursor = ""
        repeat {
            let page = try await self.get("/api/v1/messages?direction=inbound&limit=200\(cursor)").json
            for message in page["data"]?.array ?? [] {
                texts[message["from"]?.string ?? "", default: []].append(message["body"]?.string ?? "")
            }
            cursor = (page["next_cursor"]?.string).map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        return texts.mapValues { $0.reversed() }
    }
}
