import InternalAPI
package import Postgres
package import Shared
import Synchronization

/// Applies events about attempts to their messages: where a worker's outcomes and a provider's reports meet.
///
/// - Source: `POST /internal/outcomes` (outbound-worker), `POST /internal/reports` (inbound-gateway), and ended leases.
package struct SettleMessages: Sendable {
    /// What became of one event.
    package enum Effect: Sendable, Equatable {
        case applied(MessageStatus)
        case ignored(String)
        /// There is no such message.
        case unknown
    }

    let postgres: PostgresPool
    let due: DueWork
    /// How long an uncertain message waits for evidence before its policy decides.
    let hold: Duration

    package init(postgres: PostgresPool, due: DueWork, hold: Duration) {
        self.postgres = postgres
        self.due = due
        self.hold = hold
    }

    /// Applies `events` in one transaction, a few organizations at a time; repeating it changes nothing.
    ///
    /// - Returns: one effect for each event, in their order.
    @discardableResult
    package func callAsFunction(_ events: [AttemptEvent]) async throws -> [Effect] {
        let dueLanes = Mutex(Set<Lane>())
        let effects = try await self.postgres.answers(to: events, orgID: \.orgID) { events, connection in
            let result = try self.settle(events, on: connection)
            dueLanes.withLock { $0.formUnion(result.dueLanes) }
            return result.effects
        }
        self.due.add(dueLanes.withLock { $0 })
        return effects
    }

    struct Result: Sendable {
        var effects: [Effect] = []
        /// Lanes with a message that is due at once.
        var dueLanes: Set<Lane> = []
    }

    /// The same inside a transaction that the caller has begun; `dueLanes` is to be announced after its commit.
    func settle(_ events: [AttemptEvent], on connection: isolated PostgresConnection) throws -> Result {
        let keys = Set(events.map { MessageKey(orgID: $0.orgID, id: $0.reference.messageID) })
        var settlements = try SettlementStore.lock(keys.sorted(), on: connection)
        let now = Timestamp.now
        var result = Result()
        for event in events {
            let key = MessageKey(orgID: event.orgID, id: event.reference.messageID)
            guard var settlement = settlements[key] else {
                result.effects.append(.unknown)
                continue
            }
            let transition = settlement.apply(event, now: now, jitter: .random(in: 0.8...1.2))
            settlements[key] = settlement
            result.effects.append(Self.effect(of: transition, on: settlement))
        }
        let changed = settlements.values.filter(\.isChanged)
        try SettlementStore.save(changed, hold: self.hold, on: connection)
        for settlement in changed where settlement.queueChange == .requeue(after: .zero) {
            result.dueLanes.insert(Lane(orgID: settlement.stored.orgID, accountID: settlement.stored.accountID))
        }
        return result
    }

    private static func effect(of transition: MessageTransition, on settlement: Settlement) -> Effect {
        switch transition {
        case .ignore(let reason): .ignored(reason.rawValue)
        case .noteAttempt, .settle, .retry, .waitForAccount, .hold: .applied(settlement.status)
        }
    }
}

/// Names one message of one organization; ordered, so that all transactions lock in one order.
package struct MessageKey: Hashable, Sendable, Comparable {
    package let orgID: OrgID
    package let id: MessageID

    package init(orgID: OrgID, id: MessageID) {
        self.orgID = orgID
        self.id = id
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.orgID == right.orgID ? left.id < right.id : left.orgID < right.orgID
    }
}
