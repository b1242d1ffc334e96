/// The settings of an organization that the delivery engine knows; all others are free-form, and nobody's business here.
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

    package init(
        retryPolicy: RetryPolicy? = nil,
        retentionDays: Int? = nil,
        retentionAction: RetentionAction = .remove
    ) {
        self.retryPolicy = retryPolicy
        self.retentionDays = retentionDays
        self.retentionAction = retentionAction
    }
}

extension OrgSettings {
    /// Reads `retry`, `retention_days` and `retention_action` of a settings object; what is wrong is added to `fields`.
    ///
    /// A setting that is wrong counts as absent. The others are not read: `fields` is not to be finished after this.
    package init(reading fields: inout JSONFields) {
        let before = fields.violations.count
        let policy = fields.nested("retry") { RetryPolicy(&$0) }
        self.init(
            retryPolicy: fields.violations.count == before ? policy : nil,
            retentionDays: fields.int("retention_days", 1...3650),
            retentionAction: fields.oneOf("retention_action", RetentionAction.self) ?? .remove
        )
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
