import Crypto
import Foundation
import NIOHTTP1
import Shared
import Synchronization
import TestSupport

/// Customers of one WhatsApp account who write at a steady rate, each in a conversation of their own.
final class InboundTraffic: Sendable {
    struct Call: Sendable {
        let startedAt: ContinuousClock.Instant
        let milliseconds: Double
        let status: Int?
    }

    private let inbound: API
    private let number: String
    private let conversations: Int
    private let calls = Mutex<[Call]>([])

    init(_ herald: Installation, number: String, conversations: Int) {
        self.inbound = API(url: herald.ports.url(herald.ports.inbound), key: nil)
        self.number = number
        self.conversations = conversations
    }

    /// Every call that was made, repetitions included.
    var all: [Call] { self.calls.withLock(\.self) }

    /// Posts the message of one beat, and repeats it as Meta does until it is taken.
    func post(_ beat: Int) async throws {
        let body = self.body(beat)
        while try await !self.isTaken(body) { try await pause(.milliseconds(500)) }
    }

    /// What each conversation must have, in its order.
    func expected(after beats: Int) -> [String: [String]] {
        Dictionary(grouping: 0..<beats) { $0 % self.conversations }.reduce(into: [:]) { texts, entry in
            texts["+\(self.phone(entry.key))"] = entry.value.map { "\($0)" }
        }
    }

    private func isTaken(_ body: String) async throws -> Bool {
        let start = ContinuousClock.now
        let status = try? await self.inbound.send(
            .POST,
            "/webhooks/whatsapp",
            Array(body.utf8),
            ["x-hub-signature-256": Self.signature(body)]
        ).status
        try Task.checkCancellation()
        let call = Call(startedAt: start, milliseconds: start.duration(to: .now) / .milliseconds(1), status: status)
        self.calls.withLock { $0.append(call) }
        return status == 200
    }

    private func phone(_ conversation: Int) -> String { "1415\(5_550_000 + conversation)" }

    private func body(_ beat: Int) -> String {
        let seconds = Timestamp.now.microseconds / 1_000_000
        let phone = self.phone(beat % self.conversations)
        return #"{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":"#
            + #"{"messaging_product":"whatsapp","metadata":{"phone_number_id":"\#(self.number)"},"messages":"#
            + #"[{"id":"wamid.\#(beat)","from":"\#(phone)","timestamp":"\#(seconds)","type":"text","#
            + #""text":{"body":"\#(beat)"}}]}}]}]}"#
    }

    private static func signature(_ body: String) -> String {
        let key = SymmetricKey(data: Data(Installation.whatsAppSecret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data(body.utf8), using: key)
        return "sha256=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

extension API {
    /// The texts of each conversation's inbound messages, the oldest first, by the customer's number.
    func inboundTexts() async throws -> [String: [String]] {
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
