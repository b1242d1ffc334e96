/// What an organization lets be sent to one recipient, and when.
package struct SendingRules: Sendable, Equatable, Codable {
    /// Messages to one recipient within `capDays`; nil for as many as there are.
    package let cap: Int?
    /// 1 to 365; the window moves with the time.
    package let capDays: Int
    /// Whether marketing alone is counted and capped.
    package let transactionalBypassesCap: Bool
    /// Whether who was never asked gets no marketing.
    package let marketingNeedsOptIn: Bool
    /// When marketing waits; nil for never.
    package let quietHours: QuietHours?

    package static let ordinaryCap = 30
    package static let ordinaryDays = 30

    package init(
        cap: Int? = Self.ordinaryCap,
        capDays: Int = Self.ordinaryDays,
        transactionalBypassesCap: Bool = true,
        marketingNeedsOptIn: Bool = false,
        quietHours: QuietHours? = nil
    ) {
        self.cap = cap
        self.capDays = capDays
        self.transactionalBypassesCap = transactionalBypassesCap
        self.marketingNeedsOptIn = marketingNeedsOptIn
        self.quietHours = quietHours
    }

    /// How many of a category a recipient may get within the window; nil for any number.
    package func cap(of category: Category) -> Int? {
        category == .marketing || !self.transactionalBypassesCap ? self.cap : nil
    }
}

extension SendingRules {
    /// Reads `per_guest_monthly_cap` (0 for none), `per_guest_window_days`, `allow_transactional_bypass`,
    /// `marketing_needs_opt_in` and `quiet_hours` of a settings object; what is wrong counts as absent.
    init(reading fields: inout JSONFields) {
        let cap = fields.int("per_guest_monthly_cap", 0...10_000) ?? Self.ordinaryCap
        self.init(
            cap: cap == 0 ? nil : cap,
            capDays: fields.int("per_guest_window_days", 1...365) ?? Self.ordinaryDays,
            transactionalBypassesCap: fields.bool("allow_transactional_bypass") ?? true,
            marketingNeedsOptIn: fields.bool("marketing_needs_opt_in") ?? false,
            quietHours: fields.nested("quiet_hours") { QuietHours(reading: &$0) } ?? nil
        )
    }
}
