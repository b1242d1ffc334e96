import InternalAPI
import MessagingService
import Shared

@testable import MessagingService

/// `ClaimMessages`: from each account what its plan allows.
extension Service {
    struct Claim {
        var messages: [ClaimedMessage] = []
        var lookUps: [MessagingAPI.LookUp] = []
        /// When more may be claimed than now; nil when nothing is known to change by itself.
        var nextAt: Timestamp?
        var suspectsLeft: Int
    }

    func claim(for waiter: LeaseWaiter, in tables: inout Tables) -> Claim {
        let now = self.world.now
        var accounts = tables.dueAccounts(now: now)
        // Somebody else is claiming from it at this moment.
        if accounts.count > 1, self.world.strikes(0.05) { accounts.remove(at: self.world.random.below(accounts.count)) }
        let slots = max(waiter.request.slots, waiter.request.urgentSlots)
        let share = max(1, slots / max(accounts.count, 1))
        var claim = Claim(suspectsLeft: waiter.request.suspects)
        for account in accounts { self.claim(share, of: account, for: waiter, in: &tables, &claim) }
        if !claim.messages.isEmpty || !claim.lookUps.isEmpty {
            let messages = claim.messages.map { "\($0.messageID.index).\($0.epoch)" }
            let asked = claim.lookUps.map(\.reference.words)
            let name = "worker \(waiter.worker), call \(waiter.request.call)"
            self.world.note("\(name): claims \(messages), is to ask about \(asked)")
        }
        return claim
    }

    private func claim(
        _ share: Int,
        of account: Int,
        for waiter: LeaseWaiter,
        in tables: inout Tables,
        _ claim: inout Claim
    ) {
        let (request, now) = (waiter.request, self.world.now)
        let wish: DueWork.Wish = request.slots > 0 ? .anything : .urgentOnly
        let states: [QueueState] = self.world.has(.claimedFromBehind) ? [.ready, .waiting] : [.ready]
        let standing = (self.world.has(.pauseIgnored) ? tables.continued : tables).standing(of: account, now: now)
        var plan = ClaimPlan(standing, wanted: share, wish: wish, suspects: claim.suspectsLeft, now: now)
        let claimant = ClaimStore.Claimant(
            worker: request.worker,
            call: request.call,
            leaseTime: self.world.plan.leaseTime
        )
        let messages = plan.shares.flatMap { tables.claim($0, for: claimant, now: now, states: states) }
        let isAsked = plan.flow.gate != .parked || !self.world.has(.parkedUnasked)
        if wish == .anything, plan.provider.canBeAsked, isAsked {
            claim.lookUps += tables.takeLookUps(of: account, now: now)
        }
        if !messages.isEmpty { plan.took(messages.map(\.epoch), jitter: 1 + 0.2 * self.world.random.fraction()) }
        if plan.mustBeSaved, !self.world.has(.bucketUnsaved) { tables.flows[account] = plan.flow }
        claim.messages += messages
        claim.suspectsLeft -= plan.shares.filter { $0.kind == .suspect }.map(\.limit).reduce(0, +)
        if let next = plan.nextAt { claim.nextAt = min(claim.nextAt ?? next, next) }
    }
}
