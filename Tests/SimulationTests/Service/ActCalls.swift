import MessagingService
import Shared

@testable import MessagingService

/// What people do to messages, accounts and the queue.
extension Service {
    func create(_ drafts: [Tables.Draft], _ reply: @escaping Reply<Void>) {
        if self.world.has(.acceptedBeforeCommit) { reply(.success(())) }
        self.commit(.create, reply) { [unowned self] tables in
            let made =
                self.world.has(.repeatedWithoutKey)
                ? tables.createAgain(drafts, now: self.world.now) : tables.create(drafts, now: self.world.now)
            self.world.note("creates \(made.map { tables.words(about: $0) })")
        }
    }

    /// `ChangeMessages`; what is refused changes nothing.
    func act(
        _ deed: Deed,
        on key: MessageKey,
        _ reply: @escaping Reply<Void>,
        _ change: @escaping (inout Settlement, Timestamp) throws(ActRefusal) -> Void
    ) {
        self.commit(.act(deed), reply) { [unowned self] tables in
            var locked = tables.lock([key], now: self.world.now)
            guard var settlement = locked.settlements[key] else { return }
            guard (try? change(&settlement, self.world.now)) != nil else { return }
            locked.settlements[key] = settlement
            tables.save(locked, self.saving)
            self.world.note("\(deed) of \(key.id.index)")
            guard deed == .delete else { return }
            tables.remove(key.id.index)
        }
    }

    /// `EditMessage`: out of a lane that is no longer its own, changed, and to where it belongs now.
    func edit(_ key: MessageKey, _ edit: Edit, _ reply: @escaping Reply<Void>) {
        self.commit(.act(.edit), reply) { [unowned self] tables in
            let now = self.world.now
            var before = tables.lock([key], now: now)
            guard let settlement = before.settlements[key], (try? settlement.checkEditable()) != nil,
                let old = tables.messages[key.id.index]
            else { return }
            var new = old
            edit.change(&new)
            // An account speaks one protocol, and a conversation has one account.
            if tables.account(of: new) != tables.account(of: old) { new.conversation = old.conversation }
            let isMoved =
                new.conversation != old.conversation || new.category != old.category || new.expiresAt != old.expiresAt
            if settlement.stored.row != nil, isMoved { before.settlements[key]?.leaveQueue() }
            tables.save(before, self.saving)
            // The status and the counts are not the edit's.
            tables.messages[key.id.index]?.conversation = new.conversation
            tables.messages[key.id.index]?.category = new.category
            tables.messages[key.id.index]?.expiresAt = new.expiresAt
            tables.messages[key.id.index]?.scheduledAt = new.scheduledAt
            // One that waits for its next attempt goes on waiting for it.
            let waitsUntil = settlement.stored.row.flatMap { $0.dueAt > now ? $0.dueAt : nil }
            var after = tables.lock([key], now: now)
            guard var settlement = after.settlements[key] else { return }
            if edit.changesTime || settlement.stored.row == nil {
                // A time that is over has done its work.
                let time = edit.changesTime ? new.scheduledAt : new.scheduledAt.flatMap { $0 > now ? $0 : nil }
                guard (try? settlement.reschedule(time, now: now)) != nil else { return }
                if !edit.changesTime, let waitsUntil { settlement.wait(until: waitsUntil) }
            } else {
                settlement.stayInQueue()
            }
            after.settlements[key] = settlement
            tables.save(after, self.saving)
            self.world.note("edit of \(key.id.index): \(edit)")
        }
    }

    /// Parks an account at a person's wish, or opens it whoever closed it.
    func set(_ account: Int, _ wish: Wish, _ reply: @escaping Reply<Void>) {
        self.commit(.park, reply) { [unowned self] tables in
            switch wish {
            case .stop: tables.flows[account].park(by: "person", reason: nil, now: self.world.now)
            case .go: tables.flows[account].open()
            }
            self.world.note("account \(account): \(wish)")
        }
    }

    /// Pauses the queue, or lets it go on.
    func setQueue(_ wish: Wish, _ reply: @escaping Reply<Void>) {
        self.commit(.pause, reply) { [unowned self] tables in
            tables.isPaused = wish == .stop
            self.world.note("queue: \(wish)")
        }
    }

    enum Wish { case stop, go }

    private func commit(_ cause: Cause, _ reply: Reply<Void>, _ body: (inout Tables) -> Void) {
        do {
            try self.database.transaction(cause, body)
            reply(.success(()))
        } catch {
            reply(.failure(.unavailable))
        }
    }
}

/// What an edit changes; nil leaves it.
struct Edit {
    var scheduledAt: Timestamp??
    var expiresAt: Timestamp??
    var category: Shared.Category?
    var conversation: Int?

    var changesTime: Bool { self.scheduledAt != nil }

    func change(_ message: inout Tables.Message) {
        if let scheduledAt { message.scheduledAt = scheduledAt }
        if let expiresAt { message.expiresAt = expiresAt }
        if let category { message.category = category }
        if let conversation { message.conversation = conversation }
    }
}

extension Tables {
    fileprivate func words(about index: Int) -> String {
        guard let message = self.messages[index] else { return "\(index)" }
        let account = self.account(of: message)
        return "\(index) (\(message.category) in conversation \(message.conversation), account \(account)"
            + " \(self.plan.accounts[account].evidence), \(message.onUncertain), \(message.status),"
            + " \(message.retryPolicy.delays.count) retries)"
    }
}
