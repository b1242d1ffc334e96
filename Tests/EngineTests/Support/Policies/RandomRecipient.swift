import Foundation
import Installation
import Shared
import TestSupport

/// Somebody of whom a test knows all that decides what they may be sent.
struct RandomRecipient {
    /// What a consent is for; the raw values are those of the public API.
    enum Purpose: String, Sendable, CaseIterable {
        case marketing, transactional
    }

    enum Status: String, Sendable {
        case optedIn = "opted_in"
        case optedOut = "opted_out"
    }

    let address: String
    /// The customer's own zone; nil where the organization's counts.
    let timezone: String?
    let isSuppressed: Bool
    var consents: [Purpose: Status] = [:]
    /// Messages that were sent, as far as the organization's cap counts them.
    var counted = 0
    var customerID = ""

    init(_ number: Int, by generator: inout SeededGenerator) {
        self.address = "+49151\(10_000_000 + number)"
        self.timezone = [nil, nil, RandomRules.near, RandomRules.far].randomElement(using: &generator) ?? nil
        self.isSuppressed = Int.random(in: 0..<12, using: &generator) == 0
        for purpose in Purpose.allCases {
            self.consents[purpose] = Self.status(by: &generator)
        }
    }

    /// What they may say next.
    static func status(by generator: inout SeededGenerator) -> Status? {
        [nil, nil, Status.optedIn, .optedIn, .optedOut].randomElement(using: &generator) ?? nil
    }

    /// As `POST /customers/batch` takes it.
    var json: JSONValue {
        let consents = self.consents.sorted { $0.key.rawValue < $1.key.rawValue }.map { purpose, status -> JSONValue in
            [
                "channel": "sms", "purpose": .string(purpose.rawValue), "status": .string(status.rawValue),
                "source": "test",
            ]
        }
        var fields: JSONObject = [
            "identities": [["kind": "phone", "value": .string(self.address)]], "consents": .array(consents),
        ]
        fields["timezone"] = self.timezone.map { .string($0) }
        return .object(fields)
    }
}

/// What an organization of the test lets be sent.
struct RandomRules {
    /// Zones in which it is the same time as in UTC, and nine hours later; neither has a summer time.
    static let (near, far) = ("Africa/Abidjan", "Asia/Tokyo")

    let isVerified: Bool
    let needsOptIn: Bool
    let cap: Int?
    let transactionalBypassesCap: Bool
    /// Whether it is quiet now where it is the same time as in UTC, and so not where it is nine hours later.
    let isQuiet: Bool

    init(by generator: inout SeededGenerator) {
        self.isVerified = Int.random(in: 0..<6, using: &generator) > 0
        self.needsOptIn = .random(using: &generator)
        self.cap = [nil, 1, 2, 3, 5].randomElement(using: &generator) ?? nil
        self.transactionalBypassesCap = .random(using: &generator)
        self.isQuiet = Int.random(in: 0..<3, using: &generator) == 0
    }

    /// As `PATCH /org` takes it; three hours at both ends are longer than any test.
    var json: JSONValue {
        var settings: JSONObject = [
            "per_guest_monthly_cap": .number(JSONNumber(self.cap ?? 0)),
            "allow_transactional_bypass": .bool(self.transactionalBypassesCap),
            "marketing_needs_opt_in": .bool(self.needsOptIn),
        ]
        if self.isQuiet {
            settings["quiet_hours"] = [
                "start": .string(Self.clock(hours: -3)), "end": .string(Self.clock(hours: 3)), "timezone": "UTC",
            ]
        }
        return ["settings": .object(settings)]
    }

    private static func clock(hours: Int) -> String {
        let minutes = (Int(Date().timeIntervalSince1970) / 60 + 60 * hours) % 1440
        return String(format: "%02d:%02d", minutes / 60, minutes % 60)
    }

    /// What is to become of a message; written down from the requirements, not from the code.
    func verdict(of category: Shared.Category, to recipient: RandomRecipient) -> RandomVerdict {
        guard self.isVerified else { return .skipped("org-not-verified") }
        guard !recipient.isSuppressed else { return .skipped("suppressed") }
        let isMarketing = category == .marketing
        switch recipient.consents[isMarketing ? .marketing : .transactional] {
        case .optedOut: return .skipped("opted-out")
        case .optedIn: break
        case nil: if isMarketing, self.needsOptIn { return .skipped("not-opted-in") }
        }
        if isMarketing, self.isQuiet, recipient.timezone != Self.far { return .waits }
        if self.counts(category), let cap, recipient.counted >= cap { return .skipped("capped") }
        return .sent
    }

    /// Whether the cap is for such messages.
    func counts(_ category: Shared.Category) -> Bool {
        self.cap != nil && (category == .marketing || !self.transactionalBypassesCap)
    }
}

/// What becomes of a message.
enum RandomVerdict: Hashable {
    case sent
    /// For the end of the quiet hours.
    case waits
    case skipped(String)

    /// As a dry run says it.
    init(dryRun json: JSONValue) {
        let hours = json["gates"]?.array?.first { $0["gate"]?.string == "quiet-hours" }
        if let code = json["error"]?["code"]?.string {
            self = .skipped(code)
        } else {
            self = hours?["verdict"]?.string == "wait" ? .waits : .sent
        }
    }

    /// As a message stands once nothing is under way.
    init(_ state: MessageState) {
        if state.isSent {
            self = .sent
        } else if state.isUnfinished {
            self = .waits
        } else {
            self = .skipped(state.reason ?? state.status)
        }
    }
}
