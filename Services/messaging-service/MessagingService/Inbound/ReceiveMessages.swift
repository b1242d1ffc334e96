import FaultPoints
package import InternalAPI
package import Postgres
package import Secrets
import Shared
import Synchronization

/// Stores inbound messages once for each event, and answers the keywords among them.
///
/// Calls that come at the same time share a transaction. All that belongs to a message is in the same one: the event that is
/// remembered, the message, its activity, the conversation's window, and the confirmation of a keyword.
package struct ReceiveMessages: Sendable {
    package typealias Call = [MessagingAPI.Receive]

    let postgres: PostgresPool
    let secrets: SecretBox
    let due: DueWork
    let notice: OutboxNotice

    package init(postgres: PostgresPool, secrets: SecretBox, due: DueWork, notice: OutboxNotice) {
        self.postgres = postgres
        self.secrets = secrets
        self.due = due
        self.notice = notice
    }

    /// - Returns: one result for each call, in their order.
    package func callAsFunction(_ calls: [Call]) async -> [Result<[MessagingAPI.Received], any Error>] {
        var results: [Result<[MessagingAPI.Received], any Error>] = []
        var rest = calls[...]
        while !rest.isEmpty {
            let part = rest.prefixOfItems(atMost: DeliveryRoutes.mostPerCall)
            rest = rest.dropFirst(part.count)
            results += await self.results(of: Array(part))
        }
        return results
    }

    /// Stores all together; when that fails for a reason that lies in one of them, each by itself.
    private func results(of calls: [Call]) async -> [Result<[MessagingAPI.Received], any Error>] {
        do {
            var ids = try await self.store(calls.flatMap { $0 })[...]
            return calls.map { call in
                defer { ids = ids.dropFirst(call.count) }
                return Result { try Self.answer(Array(ids.prefix(call.count))) }
            }
        } catch {
            guard calls.count > 1, !((error as? any Unavailability)?.isTemporary ?? false) else {
                return calls.map { _ in .failure(error) }
            }
            var results: [Result<[MessagingAPI.Received], any Error>] = []
            for call in calls { results += await self.results(of: [call]) }
            return results
        }
    }

    /// - Throws: `Problem` `invalid-request` that names each item without an account.
    private static func answer(_ ids: [MessageID?]) throws(Problem) -> [MessagingAPI.Received] {
        let strangers = ids.indices.filter { ids[$0] == nil }
        guard strangers.isEmpty else {
            throw .invalidRequest(
                strangers.map {
                    .init(pointer: "/items/\($0)/accountID", detail: "is no account of this organization and channel")
                }
            )
        }
        return ids.compactMap { $0.map { MessagingAPI.Received(messageID: $0) } }
    }

    /// - Returns: the message of each item, stored now or before; nil where the organization has no such account.
    private func store(_ items: [MessagingAPI.Receive]) async throws -> [MessageID?] {
        guard !items.isEmpty else { return [] }
        let dueAccounts = Mutex(Set<DueAccount>())
        let ids = try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            let messages = try items.map { try ReceivedMessage($0) }
            let stored = try ReceiveStore.write(messages, secrets: self.secrets, on: connection)
            let confirmations = try KeywordStore.confirmations(of: stored.new, clocks: stored.clocks, on: connection)
            if !confirmations.isEmpty {
                let written = try CreationStore.write(confirmations, notice: self.notice, on: connection)
                dueAccounts.withLock { $0.formUnion(written.dueAccounts) }
            }
            FaultPoint.receiveBeforeCommit.reach()
            return messages.map { stored.ids[$0.event] }
        }
        self.due.add(dueAccounts.withLock { $0 })
        return ids
    }
}

extension ArraySlice<ReceiveMessages.Call> {
    /// The first calls that together have at most `count` items, and at least one call.
    fileprivate func prefixOfItems(atMost count: Int) -> ArraySlice<ReceiveMessages.Call> {
        var items = 0
        let part = self.prefix { call in
            items += call.count
            return items <= count
        }
        return part.isEmpty ? self.prefix(1) : part
    }
}
