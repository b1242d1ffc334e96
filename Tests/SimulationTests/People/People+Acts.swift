import MessagingService
import Shared

@testable import MessagingService

/// What people do to messages, accounts and the queue.
extension People {
    private enum Wish: CaseIterable {
        case cancel, editTime, editExpiry, editCategory, editRecipient, sendNow, retry, resolve, delete, park, pause
    }

    func act() {
        switch self.world.random.pick(Wish.allCases) {
        case .cancel: self.change(.cancel) { settlement, now throws(ActRefusal) in try settlement.cancel(now: now) }
        case .sendNow: self.change(.sendNow) { settlement, now throws(ActRefusal) in try settlement.sendNow(now: now) }
        case .retry: self.change(.retry) { settlement, now throws(ActRefusal) in try settlement.retry(now: now) }
        case .resolve:
            let resolution = self.world.random.pick(Resolution.allCases)
            self.change(.resolve(resolution)) { settlement, now throws(ActRefusal) in
                try settlement.resolve(resolution, now: now)
            }
        case .delete:
            self.change(.delete) { settlement, _ throws(ActRefusal) in
                try settlement.checkDeletable()
                settlement.leaveQueue()
            }
        case .editTime: self.edit(Edit(scheduledAt: .some(self.timeOrNone(within: 30_000))))
        case .editExpiry: self.edit(Edit(expiresAt: .some(self.timeOrNone(within: 60_000))))
        case .editCategory: self.edit(Edit(category: self.world.random.pick(Shared.Category.allCases)))
        case .editRecipient:
            self.edit(Edit(conversation: self.world.random.below(self.world.plan.conversations.count)))
        case .park:
            let account = self.world.random.below(self.world.plan.accounts.count)
            self.forAWhile { [unowned self] in self.world.service.set(account, $0, $1) }
        case .pause: self.forAWhile { [unowned self] in self.world.service.setQueue($0, $1) }
        }
    }

    /// Stops something, and lets it go on later.
    private func forAWhile(_ set: @escaping (Service.Wish, @escaping Service.Reply<Void>) -> Void) {
        self.ask { set(.stop, $0) }
        self.world.after(500...30_000) { [unowned self] in self.ask { set(.go, $0) } }
    }

    private func timeOrNone(within milliseconds: Int) -> Timestamp? {
        self.world.random.chance(0.5) ? self.time(within: milliseconds) : nil
    }

    /// Any message that is there.
    private var key: MessageKey? {
        let messages = self.world.database.tables.messages
        let there = messages.indices.filter { messages[$0] != nil }
        return there.isEmpty ? nil : Names.key(self.world.random.pick(there))
    }

    private func change(_ deed: Deed, _ change: @escaping (inout Settlement, Timestamp) throws(ActRefusal) -> Void) {
        guard let key = self.key else { return }
        self.ask { [unowned self] in self.world.service.act(deed, on: key, $0, change) }
    }

    private func edit(_ edit: Edit) {
        guard let key = self.key else { return }
        self.ask { [unowned self] in self.world.service.edit(key, edit, $0) }
    }
}
