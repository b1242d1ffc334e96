import Shared

/// Which settings a provider's account has; all are optional.
struct SettingRules {
    private let provider: ProviderKind

    init(_ provider: ProviderKind) {
        self.provider = provider
    }

    /// Adds what is wrong with `settings` to `fields`, whose object has them under that name.
    func check(_ settings: JSONObject?, in fields: inout JSONFields) {
        for member in settings?.members ?? [] {
            if let fault = self.fault(of: member) { fields.violation(at: "settings/\(member.name)", fault) }
        }
        guard let retry = settings?["retry"], retry.object != nil else { return }
        var nested = JSONFields(retry, at: "settings/retry")
        _ = RetryPolicy(&nested)
        do throws(Problem) {
            try nested.finish()
        } catch {
            for violation in error.violations { fields.violation(at: violation.pointer, violation.detail) }
        }
    }

    private func fault(of member: JSONObject.Member) -> String? {
        switch (member.name, self.provider) {
        case ("rate_per_second", _):
            Self.number(member.value, 0.01...10_000)
        case ("burst", _), ("max_in_flight", _):
            Self.integer(member.value, 1...10_000)
        case ("order_patience_seconds", _):
            Self.integer(member.value, 0...86_400)
        case ("retry", _):
            member.value.object == nil ? "must be an object, like {\"preset\": \"outbox\"}" : nil
        case ("pair_interval_ms", .whatsappCloud):
            Self.integer(member.value, 0...600_000)
        case ("enforce_window", .whatsappCloud):
            member.value.bool == nil ? "must be true or false" : nil
        // The sandbox has the settings of SMS as well, so that they can be tried out.
        case ("footer", .twilio), ("footer", .sandbox):
            Self.footer(member.value)
        case ("transliterate", .twilio), ("transliterate", .sandbox):
            member.value.bool == nil ? "must be true or false" : nil
        default:
            "is not a setting of \(self.provider.rawValue)"
        }
    }

    private static func footer(_ value: JSONValue) -> String? {
        guard let text = value.string, (1...160).contains(text.unicodeScalars.count), !text.allSatisfy(\.isWhitespace)
        else { return "must be a text of 1 to 160 characters" }
        return nil
    }

    private static func number(_ value: JSONValue, _ range: ClosedRange<Double>) -> String? {
        value.double.map { range.contains($0) } ?? false
            ? nil : "must be a number from \(range.lowerBound) to \(Int(range.upperBound))"
    }

    private static func integer(_ value: JSONValue, _ range: ClosedRange<Int>) -> String? {
        value.int.map { range.contains($0) } ?? false
            ? nil : "must be an integer from \(range.lowerBound) to \(range.upperBound)"
    }
}
