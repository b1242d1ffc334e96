package import Shared

/// The recipients that mean something to the sandbox.
package enum SandboxRecipient: String, Sendable, CaseIterable {
    case read, delivered, sent, rejected, retry, timeout, throttled, blocked, optedout

    /// Any address that is not one of the magic ones is `delivered`.
    ///
    /// - Parameter address: `+15550000001` to `+15550000009` in the order of the cases, with or without the plus,
    ///   or `<case>@sandbox.test`.
    package init(_ address: String) {
        let email = address.lowercased().split(separator: "@", omittingEmptySubsequences: false)
        if email.count == 2, email[1] == "sandbox.test" {
            self = SandboxRecipient(rawValue: String(email[0])) ?? .delivered
            return
        }
        let start = "1555000000"
        let digits = address.utf8.filter(\.isASCIIDigit)
        guard digits.count == start.utf8.count + 1, digits.starts(with: start.utf8),
            let last = digits.last, last > UInt8(ascii: "0")
        else {
            self = .delivered
            return
        }
        self = Self.allCases[Int(last - UInt8(ascii: "1"))]
    }

    /// How an attempt ends, and what is reported after it.
    package struct Script: Sendable, Equatable {
        package let outcome: SendOutcome
        package let reports: [ProviderReport.Status]
    }

    /// Attempts are counted from 1.
    package func script(attempt: Int, providerMessageID id: String) -> Script {
        let delivered = Script(outcome: .accepted(providerMessageID: id), reports: [.sent, .delivered])
        switch self {
        case .read: return Script(outcome: .accepted(providerMessageID: id), reports: [.sent, .delivered, .read])
        case .delivered: return delivered
        case .sent: return Script(outcome: .accepted(providerMessageID: id), reports: [.sent])
        case .rejected: return Self.end(.rejected(Self.error("rejected", "rejects every message")))
        case .retry where attempt <= 2:
            return Self.end(.failedTransiently(Self.error("unavailable", "fails twice"), retryAfter: nil))
        case .timeout:
            let error = Self.error("timeout", "takes the message without an answer")
            return Script(outcome: .uncertain(error), reports: [.sent, .delivered])
        case .throttled where attempt == 1:
            let error = Self.error("throttled", "is throttled once")
            return Self.end(.throttled(error, retryAfter: .seconds(1), scope: .account))
        case .blocked where attempt == 1:
            return Self.end(.accountBlocked(Self.error("blocked", "blocks the account once")))
        case .optedout: return Self.end(.rejected(Self.error("opted-out", "has opted out")))
        case .retry, .throttled, .blocked: return delivered
        }
    }

    private static func end(_ outcome: SendOutcome) -> Script { Script(outcome: outcome, reports: []) }

    private static func error(_ code: String, _ effect: String) -> ProviderError {
        ProviderError(code: "sandbox-\(code)", detail: "This sandbox recipient \(effect).")
    }
}
