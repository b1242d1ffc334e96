import FaultPoints
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
    let holding: Settlement.Holding
    let metrics = DeliveryMetrics()

    package init(postgres: PostgresPool, due: DueWork, holding: Settlement.Holding) {
        self.postgres = postgres
        self.due = due
        self.holding = holding
    }

    /// Applies `events` in one transaction, a few organizations at a time; repeating it changes nothing.
    ///
    /// - Returns: one effect for each event, in their order.
    @discardableResult
    package func callAsFunction(_ events: [AttemptEvent]) async throws -> [Effect] {
        guard !events.isEmpty else { return [] }
        let others = Mutex((due: Set<DueAccount>(), reports: [SettledEvent]()))
        let settled = try await self.postgres.answers(to: events, orgID: \.orgID) { events, connection in
            let result = try self.settle(events, on: connection)
            others.withLock { others in
                others.due.formUnion(result.dueAccounts)
                others.reports += result.reports
            }
            FaultPoint.outcomeBeforeCommit.reach()
            return result.events
        }
        FaultPoint.outcomeAfterCommit.reach()
        let (due, reports) = others.withLock { ($0.due, $0.reports) }
        self.due.add(due)
        self.metrics.tell(settled + reports)
        return settled.map(\.effect)
    }

    struct Result: Sendable {
        var events: [SettledEvent] = []
        /// Reports that came before, and followed.
        var reports: [SettledEvent] = []
        /// Accounts with a message that is due at once, to be announced after the commit.
        var dueAccounts: Set<DueAccount> = []

        var effects: [Effect] { self.events.map(\.effect) }
    }

    /// The same inside a transaction that the caller has begun.
    func settle(_ events: [AttemptEvent], on connection: isolated PostgresConnection) throws -> Result {
        guard !events.isEmpty else { return Result() }
        let messages = try SettlementStore.lock(Set(events.map(\.key)).sorted(), for: events, on: connection)
        return try self.settle(events, in: messages, matching: messages.reports, on: connection)
    }

    /// The same with messages that the caller has locked; `reports` came before, and follow.
    func settle(
        _ events: [AttemptEvent],
        in messages: LockedMessages,
        matching reports: [MatchedReport] = [],
        on connection: isolated PostgresConnection
    ) throws -> Result {
        var messages = messages
        let telling = reports.filter { $0.event != nil }
        let all = events + telling.compactMap(\.event)
        let (effects, news) = messages.apply(all, holding: self.holding) { .random(in: 0.8...1.2) }
        let settled = SettledEvent.of(all, effects, in: messages)
        let due = try SettlementStore.save(messages, news: news, on: connection)
        if !reports.isEmpty {
            let told = zip(telling, effects.dropFirst(events.count)).map { (report: $0, stored: StoredEffect($1)) }
            let notes = reports.filter { $0.event == nil }
            try connection.query(
                ProviderEventStore.update(told + notes.map { (report: $0, stored: StoredEffect(noteOf: $0.report)) })
            )
        }
        return Result(
            events: Array(settled.prefix(events.count)),
            reports: Array(settled.dropFirst(events.count)),
            dueAccounts: due
        )
    }
}

extension LockedMessages {
    /// Applies events in their order, and gathers what they say about the accounts.
    mutating func apply(
        _ events: [AttemptEvent],
        holding: Settlement.Holding,
        jitter: () -> Double
    ) -> (effects: [SettleMessages.Effect], news: [AccountKey: AccountFlow.News]) {
        var effects: [SettleMessages.Effect] = []
        var news: [AccountKey: AccountFlow.News] = [:]
        for event in events {
            guard var settlement = self.settlements[event.key] else {
                effects.append(.unknown)
                continue
            }
            let transition = settlement.apply(
                event.shifted(by: self.clock.offset(of: event.orgID)),
                now: self.clock.now(of: event.orgID),
                jitter: self.clock.jitter(of: event.orgID, jitter),
                holding: holding
            )
            self.settlements[event.key] = settlement
            if transition != .ignore(.late) { news[settlement.stored.account, default: .init()].add(event) }
            switch transition {
            case .ignore(let reason): effects.append(.ignored(reason.rawValue))
            case .noteAttempt, .settle, .retry, .pause, .waitForAccount, .giveBack, .hold:
                effects.append(.applied(settlement.status))
            }
        }
        return (effects, news)
    }
}

extension AccountFlow.News {
    /// Codes of temporary failures that lie in the message, or are played by the sandbox: the provider is there.
    private static func liesInTheMessage(_ code: String) -> Bool {
        code.hasPrefix("sandbox-") || ["131053", "131057", "30003", "30008"].contains(code)
    }

    /// Takes in what an event says about its account.
    mutating func add(_ event: AttemptEvent) {
        switch event.source {
        case .worker: self.add(outcome: event.event)
        case .provider: if case .failed(.account, _) = event.event.kind { self.refusal = event.event.error }
        case .lookUp, .givenBack, .crash, .recovery, .leaseEnd, .replay: break
        }
    }

    private mutating func add(outcome event: DeliveryEvent) {
        switch event.kind {
        case .sent, .delivered, .read:
            self.answers += 1
            self.hasAccepted = true
        case .failed(.permanent, _):
            self.answers += 1
        case .failed(.throttled, let retryAfter):
            self.answers += 1
            guard event.throttleScope == .account else { return }
            let asked = RetryPolicy.waitWhenThrottled(retryAfter: retryAfter, jitter: 1)
            self.pause = max(self.pause ?? .zero, asked)
        case .failed(.account, _):
            self.refusal = event.error
        case .failed(.transient, _), .failed(.uncertain, _), .uncertain:
            if let code = event.error?.code, Self.liesInTheMessage(code) {
                self.answers += 1
            } else {
                self.outages += 1
            }
        case .unused:
            break
        }
    }
}
