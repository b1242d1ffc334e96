import InternalAPI
import Logging
import Postgres
import Secrets
import Shared

/// Claims from a few accounts in one transaction, within the limits of each.
struct ClaimMessages: Sendable {
    /// When an account is looked at again from which somebody else is claiming at this moment.
    static let busyRetry: Duration = .milliseconds(2)
    /// When suspects are looked at again that the worker could not take beside the one it has.
    static let suspectRetry: Duration = .milliseconds(50)
    /// Questions about uncertain attempts in one answer.
    static let mostLookUps = 16

    let postgres: PostgresPool
    let due: DueWork
    let secrets: SecretBox
    let change: ChangeMessages
    let policy: PolicyGate
    let links: UnsubscribeLinks
    /// How long a worker has a message to itself: longer than a provider may take to answer.
    let leaseTime: Duration
    let fronts: QueueFronts<ClaimWalk, ClaimFront>
    let metrics = ClaimMetrics()

    private struct Claim: Sendable {
        let lookUps: [MessagingAPI.LookUp]
        let accounts: [MessagingAPI.LeasedAccount]
        let plans: [AccountKey: ClaimPlan]
        let messages: [ClaimedMessage]
        /// Messages that were given back, because the customer's window is closed.
        let closed: [MessageKey: AccountKey]
        /// How long after the question the leases began.
        let leasedAfter: Duration
        /// Accounts with more uncertain attempts to ask about than one answer holds.
        let askedInPart: Set<AccountKey>
        let looks: [ClaimLook]

        var gated: [GatedMessage] {
            self.messages.compactMap { message in
                self.plans[message.account].map { plan in
                    GatedMessage(
                        claimed: message,
                        customerID: message.customerID,
                        isExempt: message.isExempt,
                        rules: plan.rules,
                        mayUseSMS: plan.mayUseSMS,
                        isAccountDeleted: plan.isDeleted,
                        now: plan.now
                    )
                }
            }
        }
    }

    /// - Returns: nil when the worker is gone, or has asked anew.
    func callAsFunction(
        _ accounts: [DueAccount],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant
    ) async throws -> MessagingAPI.LeaseAnswer? {
        let orgs = Array(Set(accounts.map(\.account.orgID)))
        let began = ContinuousClock.now
        let claim: Claim?
        do {
            claim = try await self.postgres.transaction(for: orgs, plans: .kept) { connection in
                try self.claim(accounts, for: request, asked: asked, on: connection)
            }
        } catch {
            self.noteFailure(of: accounts, since: began)
            throw error
        }
        guard let claim else {
            self.due.add(accounts.flatMap(\.withOrdinary))
            return nil
        }
        self.metrics.ended(after: began.duration(to: .now))
        self.note(claim.looks)
        for message in claim.messages {
            if let plan = claim.plans[message.account] { self.metrics.claimed(message, now: plan.now) }
        }
        await self.skip(claim.closed.keys.sorted())
        let asked = asked.duration(to: .now)
        let admitted = try await self.policy(claim.gated)
        self.putBack(accounts, after: claim)
        return MessagingAPI.LeaseAnswer(
            leases: admitted.map { message in
                message.lease(
                    for: claim.leasedAfter + self.leaseTime,
                    // What was not asked anew may have been asked so long before.
                    fresh: asked + PolicyGate.freshness - RecentVerdicts.age,
                    unsubscribeURL: claim.plans[message.account].flatMap { message.link(by: $0.provider) }
                        .flatMap(self.links.url)
                )
            },
            lookUps: claim.lookUps,
            accounts: claim.accounts
        )
    }

    /// In a transaction of its own, which waits for the locks that a claim must not wait for; what it can not end now is
    /// claimed, and given back, again.
    private func skip(_ closed: [MessageKey]) async {
        do {
            try await self.change.eachThatCan(closed) { settlement, now throws(ActRefusal) in
                settlement.forbid(because: .windowClosed, now: now)
            }
        } catch {
            self.change.logger.warning("messages not skipped", metadata: ["error": "\(error)"])
        }
    }

    private func claim(
        _ accounts: [DueAccount],
        for request: MessagingAPI.LeaseRequest,
        asked: ContinuousClock.Instant,
        on connection: isolated PostgresConnection
    ) throws -> Claim? {
        let keys = accounts.map(\.account)
        let standing = try connection.pipeline([
            WorkerStore.isAlive(request.worker, call: request.call), OrgClocks.read(Array(Set(keys.map(\.orgID)))),
            ClaimStore.takeFlows(keys), ClaimStore.standings(of: keys),
        ])
        guard !standing[0].isEmpty else { return nil }
        let clocks = try OrgClocks(standing[1])
        var plans = try self.plans(
            try self.standings(standing[3], of: try FlowStore.flows(in: standing[2])),
            for: request,
            share: max(1, min(max(request.slots, request.urgentSlots), LeaseMessages.mostMessages) / accounts.count),
            clocks: clocks
        )
        let began = ContinuousClock.now
        let claimant = ClaimStore.Claimant(worker: request.worker, call: request.call, leaseTime: self.leaseTime)
        let shares = plans.values.flatMap(\.shares).map { self.begun($0, clocks, at: began) }
        // Whatever the gate: to ask is to send nothing, and what waits for the answer holds up its lane.
        let askable = request.slots > 0 ? plans.values.filter(\.provider.canBeAsked) : []
        let windowed = plans.values.filter { $0.flow.limits.enforcesWindow && !$0.shares.isEmpty }
        // Planned for the account each time: a plan for any would take the queue's messages by time where most are of one
        // organization, and pass a million of them to find another's first.
        let results = try connection.pipeline(
            plans: .fresh,
            shares.map { ClaimStore.claim($0, for: claimant) }
                + windowed.map { ClaimStore.giveBackClosed(of: $0.flow.account, by: claimant, now: $0.now) }
                + askable.map { ClaimStore.takeLookUps(of: $0.flow.account, atMost: Self.mostLookUps, now: $0.now) }
        )
        let taken = try results.prefix(shares.count).map { try $0.map { try ClaimedRow($0) } }
        let ended = ContinuousClock.now
        let rows = taken.flatMap(\.self)
        let closed = Set(
            try results[shares.count..<shares.count + windowed.count].joined().map { row in
                MessageKey(orgID: try row.get("org_id"), id: try row.get("message_id"))
            }
        )
        let claimed = rows.filter { !closed.contains($0.key) }
        let questions = Array(results.dropFirst(shares.count + windowed.count).joined())
        let contents = try SharedContents(questions, on: connection)
        let lookUps = try questions.map { try MessagingAPI.LookUp($0, contents) }
        for (account, rows) in Dictionary(grouping: claimed, by: \.account) {
            plans[account]?.took(rows.map(\.epoch), jitter: .random(in: 1...1.2))
        }
        let waited = asked.duration(to: .now)
        let named = Set(claimed.map(\.account) + lookUps.map { AccountKey(orgID: $0.orgID, accountID: $0.accountID) })
        let flows = plans.values.filter(\.mustBeSaved).map(\.flow)
        let (messages, leasedAccounts) = try self.contents(of: claimed, named, saving: flows, on: connection)
        let asked = Dictionary(grouping: lookUps) { AccountKey(orgID: $0.orgID, accountID: $0.accountID) }
        return Claim(
            lookUps: lookUps,
            accounts: leasedAccounts,
            plans: plans,
            messages: messages,
            closed: Dictionary(rows.filter { closed.contains($0.key) }.map { ($0.key, $0.account) }) { $1 },
            leasedAfter: waited,
            askedInPart: Set(asked.filter { $0.value.count == Self.mostLookUps }.keys),
            looks: zip(shares, taken).compactMap { share, rows in
                share.walk(by: clocks).map { ClaimLook(walk: $0, share: share, claimed: rows, time: began..<ended) }
            }
        )
    }

    private func standings(_ rows: [Row], of flows: [AccountKey: AccountFlow]) throws -> [AccountStanding] {
        try rows.compactMap { row in
            let key = AccountKey(orgID: try row.get("org_id"), accountID: try row.get("id"))
            return try flows[key].map { try AccountStanding(row, flow: $0) }
        }
    }

    private func plans(
        _ standings: [AccountStanding],
        for request: MessagingAPI.LeaseRequest,
        share: Int,
        clocks: OrgClocks
    ) throws -> [AccountKey: ClaimPlan] {
        var plans: [AccountKey: ClaimPlan] = [:]
        var suspects = request.suspects
        for standing in standings {
            let plan = ClaimPlan(
                standing,
                wanted: share,
                wish: request.slots > 0 ? .anything : .urgentOnly,
                suspects: suspects,
                now: clocks.now(of: standing.flow.account.orgID)
            )
            suspects -= plan.shares.filter { $0.kind == .suspect }.map(\.limit).reduce(0, +)
            plans[standing.flow.account] = plan
        }
        return plans
    }

    /// Saves flows, and reads what was claimed and the credentials for it, in one round trip.
    private func contents(
        of claimed: [ClaimedRow],
        _ accounts: Set<AccountKey>,
        saving flows: [AccountFlow],
        on connection: isolated PostgresConnection
    ) throws -> ([ClaimedMessage], [MessagingAPI.LeasedAccount]) {
        guard !claimed.isEmpty || !accounts.isEmpty else { return ([], []) }
        let results = try connection.pipeline(
            [ClaimStore.contents(of: claimed), AccountStore.sealedAccounts(Array(accounts))]
                + (flows.isEmpty ? [] : [FlowStore.save(flows)])
        )
        let contents = try SharedContents(results[0], on: connection)
        var rows: [MessageKey: Row] = [:]
        for row in results[0] { rows[MessageKey(orgID: try row.get("org_id"), id: try row.get("id"))] = row }
        let messages = try claimed.compactMap { claimed in
            try rows[claimed.key].map { try ClaimedMessage(claimed, $0, contents) }
        }
        return (
            messages,
            try results[1].map { row in
                let account = try AccountStore.SealedAccount(row)
                return MessagingAPI.LeasedAccount(
                    id: account.id,
                    provider: account.provider,
                    credentials: try self.secrets.openCredentials(account.credentials.bytes, at: account.place)
                )
            }
        )
    }

    /// Keeps accounts in the walk that may have more, now or at a time that is known.
    private func putBack(_ accounts: [DueAccount], after claim: Claim) {
        let now = ContinuousClock.now
        let messages = Dictionary(grouping: claim.messages, by: \.account)
        let closed = Set(claim.closed.values)
        let wholeAt = Dictionary(
            claim.looks.filter { !$0.isWhole }.map { ($0.walk.account, self.fronts.wholeAt(of: $0.walk) ?? now) },
            uniquingKeysWith: min
        )
        for due in accounts {
            guard let plan = claim.plans[due.account] else {
                self.due.add(due.withOrdinary, at: now + Self.busyRetry)
                continue
            }
            let taken = messages[due.account] ?? []
            if let end = plan.restEnd(after: taken.count) { self.due.rest(due.account, until: now + (end - plan.now)) }
            if taken.count == plan.wanted || closed.contains(due.account) || claim.askedInPart.contains(due.account) {
                self.due.add(due.withOrdinary)
            } else if plan.isLimited(after: taken.count), let next = plan.nextAt {
                self.due.add(due.withOrdinary, at: now + (next - plan.now))
            } else if plan.hasSuspects {
                self.due.add([DueAccount(due.account, .ordinary)], at: now + Self.suspectRetry)
            }
            // There may be some before the front.
            if taken.count < plan.wanted, let time = wholeAt[due.account] {
                self.due.add(due.withOrdinary, at: time)
            }
        }
    }
}

extension DueAccount {
    /// An account that was taken for its one-time codes was taken out of the ordinary walk too.
    var withOrdinary: Set<DueAccount> { [self, DueAccount(self.account, .ordinary)] }
}
