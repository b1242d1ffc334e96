import HTTPService
import Postgres
import Shared

/// Which events of an organization are meant; nil means all.
struct InboxFilter: Sendable, Equatable {
    var states: [InboxState]?
    var kinds: [InboxKind]?
    var accountID: AccountID?
    var receivedAfter: Timestamp?
    var receivedBefore: Timestamp?

    /// What it narrows a statement on `inbox_events` to, after the organization.
    var condition: SQL {
        """
        (\(self.states)::inbox_state[] IS NULL OR state = ANY (\(self.states)))
        AND (\(self.kinds)::inbox_kind[] IS NULL OR kind = ANY (\(self.kinds)))
        AND (\(self.accountID)::uuid IS NULL OR account_id = \(self.accountID))
        AND (\(self.receivedAfter)::timestamptz IS NULL OR received_at >= \(self.receivedAfter))
        AND (\(self.receivedBefore)::timestamptz IS NULL OR received_at < \(self.receivedBefore))
        """
    }
}

extension InboxFilter {
    /// Reads `state`, `kind`, `account_id`, `received_after` and `received_before` of a list's query.
    init(_ query: inout QueryParameters) {
        self.init(
            states: query.values("state", InboxState.self),
            kinds: query.values("kind", InboxKind.self),
            accountID: query.id("account_id", of: ChannelAccount.self),
            receivedAfter: query.timestamp("received_after"),
            receivedBefore: query.timestamp("received_before")
        )
    }

    /// Reads the same fields of the object `filter`.
    init(_ fields: inout JSONFields) {
        self.init(
            states: fields.oneOf("state", InboxState.self).map { [$0] },
            kinds: fields.oneOf("kind", InboxKind.self).map { [$0] },
            accountID: fields.id("account_id", of: ChannelAccount.self),
            receivedAfter: fields.timestamp("received_after"),
            receivedBefore: fields.timestamp("received_before")
        )
    }
}
