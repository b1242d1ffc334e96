import Postgres

/// Tells the other replicas that there is new work: a hint, which `ProbeDueWork` stands in for when it is lost.
package struct OutboxNotice: Sendable {
    package static let channel = "herald_outbox"

    /// Names this replica, so that it does not hear itself.
    package let replica: String

    package init(replica: String) {
        self.replica = replica
    }

    var sql: SQL { "SELECT pg_notify(\(Self.channel)::text, \(self.replica)::text)" }
}
