import InternalAPI
import Shared

/// Finds the lines of an archived file that are about a customer, and says what is left of them.
struct CustomerLines: Sendable {
    /// Of a message, of an attempt, of a report: all that says nothing of a customer.
    private static let message: Set<String> = [
        "id", "org_id", "direction", "channel", "status", "customer_id", "conversation_id", "account_id", "in_reply_to",
        "category", "attempt_count", "max_attempts", "on_uncertain", "scheduled_at", "next_attempt_at", "expires_at",
        "created_at", "updated_at", "queued_at", "sent_at", "delivered_at", "read_at", "failed_at",
    ]
    private static let attempt: Set<String> = [
        "number", "outcome", "worker", "started_at", "ended_at", "next_retry_at",
    ]
    private static let report: Set<String> = [
        "account_id", "attempt", "effect", "effect_detail", "occurred_at", "received_at",
    ]

    private let customers: Set<String>
    private let conversations: Set<String>

    init(_ request: ErasureRequest) {
        self.customers = Set(request.customerIDs.map(\.description))
        self.conversations = Set(request.conversationIDs.map(\.description))
    }

    init(customers: [CustomerID]) {
        self.customers = Set(customers.map(\.description))
        self.conversations = []
    }

    /// Whether a line is about the customer.
    func mean(_ line: JSONValue) -> Bool {
        (line["customer_id"]?.string.map(self.customers.contains) ?? false)
            || (line["conversation_id"]?.string.map(self.conversations.contains) ?? false)
    }

    /// What is left of the file; nil when it has no such line.
    ///
    /// - Throws: `JSONSyntaxError` for a line that is none of ours.
    func erased(_ lines: [UInt8]) throws -> [UInt8]? {
        var (left, isChanged): ([UInt8], Bool) = ([], false)
        left.reserveCapacity(lines.count)
        for line in lines.split(separator: UInt8(ascii: "\n")) {
            let message = try JSONValue(parsing: Array(line))
            if self.mean(message), message["erased"] == nil {
                left += Self.erased(message).bytes
                isChanged = true
            } else {
                left += line
            }
            left.append(UInt8(ascii: "\n"))
        }
        return isChanged ? left : nil
    }

    private static func erased(_ message: JSONValue) -> JSONValue {
        var members = self.members(self.message, of: message)
        if let code = message["error"]?["code"] { members.append(("error", ["code": code])) }
        let attempts = message["attempts"]?.array ?? []
        members.append(("attempts", .array(attempts.map { .object(members: self.members(self.attempt, of: $0)) })))
        let reports = message["provider_reports"]?.array ?? []
        members.append(
            ("provider_reports", .array(reports.map { .object(members: self.members(self.report, of: $0)) }))
        )
        members.append(("erased", true))
        return .object(members: members)
    }

    private static func members(_ names: Set<String>, of value: JSONValue) -> [(String, JSONValue)] {
        (value.object?.members ?? []).filter { names.contains($0.name) }.map { ($0.name, $0.value) }
    }
}
