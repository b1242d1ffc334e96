/// The settings of an organization that the services know; all others are free-form, and nobody's business here.
package struct OrgSettings: Sendable, Equatable {
    /// What becomes of messages whose time is over.
    package enum RetentionAction: String, Sendable, CaseIterable {
        case remove, archive
    }

    /// For messages that bring none of their own; nil where the default serves.
    package let retryPolicy: RetryPolicy?
    /// How long messages that have come to an end are kept: 1 to 3650 days; nil for ever.
    package let retentionDays: Int?
    package let retentionAction: RetentionAction
    /// Whether a message of the customer's opens a conversation again that was closed.
    package let reopensOnMessage: Bool
    /// What is answered to keywords in the place of `Keyword.ordinaryReply`: 1 to 1,000 characters, or empty for no answer.
    package let keywordReplies: [Keyword: String]
    package let sendingRules: SendingRules
    /// Where telephone numbers without `+` belong: api-gateway says it with each request, so that a change is in force at once.
    package let defaultRegion: PhoneRegion?
    /// Of broadcasts that bring none of their own; nil for as fast as can be.
    package let broadcastPace: BroadcastPace?
    /// How long before its time a message must be scheduled, at least: 0 to 10,080 minutes; said with each request, as `defaultRegion`.
    package let scheduleLeadMinutes: Int

    /// A week.
    package static let scheduleLeadRange = 0...10_080

    package init(
        retryPolicy: RetryPolicy? = nil,
        retentionDays: Int? = nil,
        retentionAction: RetentionAction = .remove,
        reopensOnMessage: Bool = true,
        keywordReplies: [Keyword: String] = [:],
        sendingRules: SendingRules = SendingRules(),
        defaultRegion: PhoneRegion? = nil,
        broadcastPace: BroadcastPace? = nil,
        scheduleLeadMinutes: Int = 0
    ) {
        self.retryPolicy = retryPolicy
        self.retentionDays = retentionDays
        self.retentionAction = retentionAction
        self.reopensOnMessage = reopensOnMessage
        self.keywordReplies = keywordReplies
        self.sendingRules = sendingRules
        self.defaultRegion = defaultRegion
        self.broadcastPace = broadcastPace
        self.scheduleLeadMinutes = scheduleLeadMinutes
    }
}

extension OrgSettings {
    /// Reads `retry`, `retention_days`, `retention_action`, `reopen_on_message`, `keyword_replies`, `default_region`,
    /// `batch_size`, `batch_interval_seconds`, `schedule_lead_minutes` and those of `SendingRules` of a settings object; what is wrong is added to `fields`.
    ///
    /// A setting that is wrong counts as absent. The others are not read: `fields` is not to be finished after this.
    package init(reading fields: inout JSONFields) {
        let before = fields.violations.count
        let policy = fields.nested("retry") { RetryPolicy(&$0) }
        self.init(
            retryPolicy: fields.violations.count == before ? policy : nil,
            retentionDays: fields.int("retention_days", 1...3650),
            retentionAction: fields.oneOf("retention_action", RetentionAction.self) ?? .remove,
            reopensOnMessage: fields.bool("reopen_on_message") ?? true,
            keywordReplies: fields.nested("keyword_replies") { Self.keywordReplies(&$0) } ?? [:],
            sendingRules: SendingRules(reading: &fields),
            defaultRegion: Self.defaultRegion(&fields),
            broadcastPace: BroadcastPace(&fields),
            scheduleLeadMinutes: fields.int("schedule_lead_minutes", Self.scheduleLeadRange) ?? 0
        )
    }

    private static func defaultRegion(_ fields: inout JSONFields) -> PhoneRegion? {
        guard let text = fields.string("default_region", 0...100) else { return nil }
        let region = PhoneRegion(rawValue: text)
        if region == nil {
            fields.violation(at: "default_region", "must be the two letters of a country, in capitals, like DE")
        }
        return region
    }

    private static func keywordReplies(_ fields: inout JSONFields) -> [Keyword: String] {
        var replies: [Keyword: String] = [:]
        for keyword in Keyword.allCases {
            if let text = fields.string(keyword.rawValue, 0...1000) { replies[keyword] = text }
        }
        return replies
    }

    /// Reads settings as they are stored.
    ///
    /// What is wrong counts as absent: it was stored before anybody knew the setting.
    package init(stored settings: JSONObject) {
        var fields = JSONFields(.object(settings), at: "/settings")
        self.init(reading: &fields)
    }
}

extension JSONFields {
    /// Reads an object of settings, of at most `bytes` in our encoding: those that `OrgSettings` knows must be valid.
    package mutating func orgSettings(_ name: String, bytes: Int) -> JSONObject? {
        guard let settings = self.object(name, bytes: bytes) else { return nil }
        var fields = JSONFields(.object(settings), at: self.pointer(of: name))
        _ = OrgSettings(reading: &fields)
        self.adopt(fields.violations)
        return settings
    }
}
