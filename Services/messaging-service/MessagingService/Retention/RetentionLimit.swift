import Postgres
package import Shared

/// How long an organization keeps its finished messages, and what becomes of older ones.
package struct RetentionLimit: Sendable, Equatable {
    package let orgID: OrgID
    package let days: Int
    package let action: OrgSettings.RetentionAction
    /// Messages that last changed before this time leave; by the organization's clock, at the beginning of the sweep.
    package let before: Timestamp
    /// The day on which the sweep began, in UTC, as its folder is called: `2026-11-21`.
    package let day: String

    /// Where the walk along the primary key ends.
    ///
    /// Ids are made in the order of time, and nothing changes before it is made: what has a later id is too young.
    var end: MessageID { .first(at: self.before) }
}

extension RetentionLimit {
    init(_ row: Row) throws(PostgresError) {
        guard let action = OrgSettings.RetentionAction(rawValue: try row.get("retention_action")) else {
            throw .decoding(column: "retention_action", type: "\(OrgSettings.RetentionAction.self)")
        }
        self.init(
            orgID: try row.get("org_id"),
            days: try row.get("retention_days"),
            action: action,
            before: try row.get("before"),
            day: try row.get("day")
        )
    }
}

/// What a sweep did for one organization.
package struct RetentionCount: Sendable, Equatable {
    package var removed = 0
    /// Messages whose time was over and that stay until the next sweep: somebody had locked or changed them.
    package var left = 0

    package init(removed: Int = 0, left: Int = 0) {
        self.removed = removed
        self.left = left
    }
}
