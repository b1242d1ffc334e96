import Foundation
package import Shared
package import TestClient

extension API {
    /// The most that one batch takes.
    package static let batchLimit = 1000

    /// Creates one message and returns its id.
    package func create(_ message: JSONValue) async throws -> String {
        let answer = try await self.post("/api/v1/messages", message)
        return try answer.expecting(202).id
    }

    /// Creates messages in their order, by as few batches as possible, and returns their ids in that order.
    package func create(_ messages: [JSONValue]) async throws -> [String] {
        var ids: [String] = []
        for start in stride(from: 0, to: messages.count, by: Self.batchLimit) {
            let part = Array(messages[start..<min(start + Self.batchLimit, messages.count)])
            let answer = try await self.post("/api/v1/messages/batch", ["messages": .array(part)])
            let data = try answer.expecting(207).json["data"]?.array ?? []
            let refused = data.first { $0["status"]?.int != 202 }
            if let refused { throw Unusable("A message of a batch was refused: \(refused.text)") }
            ids += data.compactMap { $0["id"]?.string }
        }
        guard ids.count == messages.count else { throw Unusable("\(ids.count) of \(messages.count) were answered.") }
        return ids
    }

    package func status(of id: String) async throws -> String {
        try await self.get("/api/v1/messages/\(id)").json["status"]?.string ?? ""
    }

    /// How many messages have a status, up to 200.
    package func count(_ status: String) async throws -> Int {
        let answer = try await self.get("/api/v1/messages?limit=200&status=\(status)").expecting(200)
        return answer.json["data"]?.array?.count ?? 0
    }

    /// Where every message of the organization stands, by id.
    package func allMessages() async throws -> [String: MessageState] {
        var states: [String: MessageState] = [:]
        var cursor = ""
        while true {
            let page = try await self.get("/api/v1/messages?limit=200\(cursor)").expecting(200).json
            for message in page["data"]?.array ?? [] {
                states[message["id"]?.string ?? ""] = MessageState(
                    status: message["status"]?.string ?? "",
                    reason: message["error"]?["code"]?.string
                )
            }
            guard let next = page["next_cursor"]?.string else { return states }
            cursor = "&cursor=" + (next.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? next)
        }
    }

    /// How many messages are unfinished.
    package func unfinished() async throws -> Int {
        let answer = try await self.get("/api/v1/stats/queue").expecting(200)
        return (answer.json["data"]?.array ?? []).reduce(0) { $0 + ($1["count"]?.int ?? 0) }
    }

    /// How long it takes until nothing is unfinished; nil when something still is after `limit`.
    package func drain(within limit: Duration) async throws -> Duration? {
        try await timeUntil(limit, every: .milliseconds(250)) {
            // What was killed a moment ago may not answer yet.
            let answer = try await self.get("/api/v1/stats/queue")
            return answer.status == 200 && answer.json["data"]?.array?.isEmpty == true
        }
    }
}

extension API.Answer {
    /// The answer itself, when it has this status; throws `Unusable` with what it says otherwise.
    package func expecting(_ status: Int) throws -> API.Answer {
        guard self.status == status else {
            throw Unusable("Answered \(self.status) instead of \(status): \(self.text.prefix(500))")
        }
        return self
    }
}

/// Where a message stands, as the public API shows it.
package struct MessageState: Sendable, Equatable {
    package let status: String
    /// The error's code, where there is one.
    package let reason: String?

    /// A provider took responsibility.
    package var isSent: Bool { ["sent", "delivered", "read"].contains(self.status) }
    /// It ended without having been sent, and says why.
    package var isRefusedWithReason: Bool {
        ["failed", "skipped", "cancelled", "expired"].contains(self.status) && self.reason != nil
    }
    /// Neither: something is still to come.
    package var isUnfinished: Bool { ["scheduled", "queued", "sending", "uncertain"].contains(self.status) }
}

/// A text message with what most tests have in common.
package func textMessage(
    to recipient: String,
    _ body: String,
    channel: String = "whatsapp",
    _ more: KeyValuePairs<String, JSONValue> = [:]
) -> JSONValue {
    var message = JSONObject()
    message["to"] = .string(recipient)
    message["channel"] = .string(channel)
    message["body"] = .string(body)
    for (name, value) in more { message[name] = value }
    return .object(message)
}

/// A phone number for each number from 0; no two are alike, and all are valid.
package func phone(_ number: Int) -> String { "+49151\(10_000_000 + number)" }
