import InternalAPI
import Logging
import Postgres
import Shared

/// Tells messaging-service the state of organizations: their settings, and whether they are sandboxes.
///
/// Nothing is lost: what is to be told was noted in the transaction of the change, and stays so until it was told.
/// Nothing is undone: each push reads the newest state, and messaging-service keeps the greatest version. So pushes may be
/// repeated, overtake each other, and come from several replicas.
struct PushOrgs: Sendable {
    let postgres: PostgresPool
    let messaging: OrgSettingsAPI
    /// How long a request waits for its own push.
    let patience: Duration
    let logger: Logger

    /// Pushes at most `OrgSettingsRequest.mostOrgs` organizations.
    func callAsFunction(_ ids: [OrgID], deadline: Duration = InternalClient.ordinaryDeadline) async throws {
        let orgs = try await self.postgres.transaction(for: ids) { try OrgPushStore.states(of: ids, on: $0) }
        guard !orgs.isEmpty else { return }
        try await self.messaging.put(orgs, deadline: deadline)
        // Two replicas may confirm the same ones: a transaction is repeated should they run into each other.
        try await self.postgres.transaction(for: []) { try OrgPushStore.confirm(orgs, on: $0) }
    }

    /// Pushes what a request has just committed; what fails is pushed later by `PushMissedOrgs`.
    func atOnce(_ id: OrgID) async {
        do {
            try await self([id], deadline: self.patience)
        } catch {
            self.logger.info("organization not pushed at once", metadata: ["org.id": "\(id)", "error": "\(error)"])
        }
    }
}
