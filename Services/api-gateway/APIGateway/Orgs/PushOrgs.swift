import InternalAPI
import Logging
import Postgres
import Shared

/// Tells a service the state of organizations: their settings, and whether they are sandboxes.
///
/// Nothing is lost: what is to be told was noted in the transaction of the change, and stays so until it was told.
/// Nothing is undone: each push reads the newest state, and the service keeps the greatest version. So pushes may be
/// repeated, overtake each other, and come from several replicas. Each service has its own: none waits for another.
struct PushOrgs: Sendable {
    let receiver: OrgPushReceiver
    let postgres: PostgresPool
    let api: OrgSettingsAPI
    /// How long a request waits for its own push.
    let patience: Duration
    let logger: Logger

    /// Pushes at most `OrgSettingsRequest.mostOrgs` organizations.
    func callAsFunction(_ ids: [OrgID], deadline: Duration = InternalClient.ordinaryDeadline) async throws {
        let orgs = try await self.postgres.transaction(for: ids) { try OrgPushStore.states(of: ids, on: $0) }
        guard !orgs.isEmpty else { return }
        try await self.api.put(orgs, deadline: deadline)
        // Two replicas may confirm the same ones: a transaction is repeated should they run into each other.
        try await self.postgres.transaction(for: []) { try OrgPushStore.confirm(orgs, to: self.receiver, on: $0) }
    }

    /// Pushes what a request has just committed; what fails is pushed later by `PushMissedOrgs`.
    func atOnce(_ id: OrgID) async {
        do {
            try await self([id], deadline: self.patience)
        } catch {
            self.logger.info(
                "organization not pushed at once",
                metadata: ["service": "\(self.receiver.service.rawValue)", "org.id": "\(id)", "error": "\(error)"]
            )
        }
    }
}

extension [PushOrgs] {
    /// Pushes what a request has just committed, to all at the same time.
    func atOnce(_ id: OrgID) async {
        await withDiscardingTaskGroup { group in
            for push in self { group.addTask { await push.atOnce(id) } }
        }
    }
}
