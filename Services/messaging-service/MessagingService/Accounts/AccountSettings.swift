import Shared

/// What an account's settings mean to the engine.
struct AccountSettings: Sendable {
    let limits: AccountFlow.Limits
    /// Nil when the organization decides.
    let retryPolicy: RetryPolicy?

    /// Reads settings that `SettingRules` has checked.
    init(_ settings: JSONValue, of provider: ProviderKind) {
        let object = settings.object ?? [:]
        self.limits = AccountFlow.Limits(object, of: provider)
        self.retryPolicy = object["retry"].map { retry in
            var fields = JSONFields(retry, at: "")
            return RetryPolicy(&fields)
        }
    }
}

extension AccountFlow.Limits {
    /// How long a failing message holds up those behind it, unless the account says otherwise.
    static let ordinaryPatience: Duration = .seconds(120)

    /// What an account's settings say, and for the rest what its provider is known to take.
    init(_ settings: JSONObject, of provider: ProviderKind) {
        let usual: (rate: Double?, pairMilliseconds: Int) =
            switch provider {
            case .whatsappCloud: (80, 6000)
            case .twilio: (1, 0)
            case .smtp: (10, 0)
            case .sendgrid: (100, 0)
            case .http, .sandbox: (nil, 0)
            }
        let rate = settings["rate_per_second"]?.double ?? usual.rate
        let patience = settings["order_patience_seconds"]?.int.map { Duration.seconds($0) }
        let pair = Duration.milliseconds(settings["pair_interval_ms"]?.int ?? usual.pairMilliseconds)
        self.init(
            rate: rate,
            // A tenth of a second's worth: more at once would be more than the rate to who looks closely.
            burst: rate.map { settings["burst"]?.double ?? max(1, $0 / 10) },
            maxInFlight: settings["max_in_flight"]?.int,
            rules: .init(patience: patience ?? Self.ordinaryPatience, pairInterval: pair),
            enforcesWindow: settings["enforce_window"]?.bool ?? false
        )
    }
}
