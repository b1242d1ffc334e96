import AuditTrail
import InternalAPI
import Postgres
import Providers
import Shared

/// Passes events on once more, read anew from the webhooks that brought them.
///
/// It changes nothing that was applied before: every service knows the events by their keys.
struct ReplayEvents: Sendable {
    /// Events in one transaction.
    static let window = 500
    /// Events in one call; it says where the next one goes on.
    static let limit = 20_000

    let postgres: PostgresPool
    let find: FindWebhookAccount
    let lanes: [InboxLane]

    struct Answer: Sendable {
        var count = 0
        /// The last of them, when there may be more.
        var next: ID<InboxEvent>?
    }

    /// Passes on those that `filter` means of an organization's: with `id` only this one, with `cursor` only those after it.
    ///
    /// The trail has `audit` as soon as the first of them is due again.
    func callAsFunction(
        _ filter: InboxFilter,
        of orgID: OrgID,
        id: ID<InboxEvent>? = nil,
        after cursor: ID<InboxEvent>? = nil,
        audit: AuditRecord
    ) async throws -> Answer {
        var answer = Answer(next: cursor)
        let accounts = Accounts(find: self.find)
        repeat {
            let (store, after) = (ReplayStore(orgID: orgID), answer.next)
            let meant = try await self.postgres.transaction(for: [orgID]) { connection in
                try store.replayable(filter, id: id, after: after, limit: Self.window, on: connection)
            }
            guard let last = meant.last else {
                answer.next = nil
                break
            }
            try await self.replay(meant, store, accounts, audit: answer.count == 0 ? audit : nil)
            answer.count += meant.count
            answer.next = meant.count < Self.window ? nil : last.id
        } while answer.next != nil && answer.count < Self.limit
        for lane in self.lanes { lane.state.wake() }
        return answer
    }

    private func replay(
        _ meant: [ReplayedEvent],
        _ store: ReplayStore,
        _ accounts: Accounts,
        audit: AuditRecord?
    ) async throws {
        let ids = Set(meant.map(\.requestID))
        let requests = try await self.postgres.transaction(for: [store.orgID]) { try store.requests(ids, on: $0) }
        var readings: [ReplayKey: NewInboxEvent] = [:]
        for request in requests {
            guard let account = try await accounts.find(request.accountID) else { continue }
            for reading in try request.readings(of: account) {
                readings[ReplayKey(accountID: request.accountID, key: reading.key)] = reading
            }
        }
        let known = Set(meant.map { ReplayKey(accountID: $0.accountID, key: $0.key) })
        let unknown = readings.filter { !known.contains($0.key) }.map(\.value)
        let released = meant.map { event in
            (id: event.id, reading: readings[ReplayKey(accountID: event.accountID, key: event.key)])
        }
        try await self.postgres.transaction(for: [store.orgID]) { connection in
            try store.release(released, on: connection)
            if let audit { try connection.query(AuditStore.insert(audit)) }
            // What an older version could not read in them; what is there already stays as it is.
            if !unknown.isEmpty { _ = try InboxStore.insert(unknown, taking: [], for: .zero, on: connection) }
        }
    }

    /// Accounts by id, each asked for once.
    private actor Accounts {
        private let find: FindWebhookAccount
        private var known: [AccountID: KnownAccount?] = [:]

        init(find: FindWebhookAccount) {
            self.find = find
        }

        func find(_ id: AccountID) async throws -> KnownAccount? {
            if let account = self.known[id] { return account }
            let account = try await self.find(.id(id))
            self.known[id] = .some(account)
            return account
        }
    }
}

private struct ReplayKey: Hashable {
    let accountID: AccountID
    let key: String
}

extension StoredRequest {
    /// Its events as they would be stored if it came now; those that name a number of another account are left out.
    fileprivate func readings(of account: KnownAccount) throws -> [NewInboxEvent] {
        try self.events.enumerated().compactMap { position, event in
            guard event.providerNumber == nil || event.providerNumber == account.account.number else { return nil }
            return try NewInboxEvent(event, of: account, requestID: self.id, position: position, handling: .process)
        }
    }
}
