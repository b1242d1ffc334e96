import MessagingService
import Shared

@testable import MessagingService

/// Who wants messages to be sent, and who changes their mind.
final class People {
    unowned let world: World
    /// What is not answered yet.
    private var waiting = 0
    private var nextKey = 0
    /// The keys under which messages were accepted.
    private(set) var accepted: Set<Int> = []

    init(world: World) {
        self.world = world
    }

    var isDone: Bool { self.waiting == 0 }

    func begin() {
        var left = self.world.plan.messages
        while left > 0 {
            let count = min(left, self.world.random.int(1...3))
            left -= count
            self.plan { [unowned self] in self.create(count) }
        }
        for _ in 0..<self.world.plan.acts { self.plan { [unowned self] in self.act() } }
    }

    /// Lets go on what people stopped.
    func heal() {
        // Later than all that is still on its way.
        let time = self.world.now + .seconds(20)
        self.waiting += 1
        self.world.at(time) { [unowned self] in
            self.waiting -= 1
            self.ask { [unowned self] in self.world.service.setQueue(.go, $0) }
            for account in self.world.plan.accounts.indices
            where self.world.database.tables.flows[account].gateBy == "person" {
                self.ask { [unowned self] in self.world.service.set(account, .go, $0) }
            }
        }
    }

    private func plan(_ work: @escaping () -> Void) {
        self.waiting += 1
        let range = 0...(self.world.plan.isOutage ? 5000 : Int(self.world.plan.horizon.milliseconds))
        self.world.after(range) { [unowned self] in
            self.waiting -= 1
            work()
        }
    }

    /// Asks until there is an answer.
    func ask(_ serve: @escaping (@escaping Service.Reply<Void>) -> Void, _ heard: @escaping () -> Void = {}) {
        self.waiting += 1
        self.tell(serve) { [unowned self] in
            self.waiting -= 1
            heard()
        }
    }

    private func tell(_ serve: @escaping (@escaping Service.Reply<Void>) -> Void, _ heard: @escaping () -> Void) {
        self.world.call(serve) { [unowned self] answer in
            switch answer {
            case .success: heard()
            case .failure: self.world.after(100...2000) { [unowned self] in self.tell(serve, heard) }
            }
        }
    }

    private func create(_ count: Int) {
        let conversation = self.world.random.below(self.world.plan.conversations.count)
        let drafts = (0..<count).map { _ in
            let isSpread = self.world.random.chance(0.3)
            return self.draft(
                in: isSpread ? self.world.random.below(self.world.plan.conversations.count) : conversation
            )
        }
        self.ask({ [unowned self] in self.world.service.create(drafts, $0) }) { [unowned self] in
            self.accepted.formUnion(drafts.map(\.key))
        }
    }

    private func draft(in conversation: Int) -> Tables.Draft {
        self.nextKey += 1
        let random = self.world.random.int(0...5)
        let delays: [Duration] =
            self.world.plan.isOutage
            ? Array(repeating: .milliseconds(300), count: 20)
            : (0..<random).map { _ in .milliseconds(self.world.random.pick([500, 1000, 3000, 12_000])) }
        return Tables.Draft(
            key: self.nextKey,
            conversation: conversation,
            category: self.world.random.pick([.otp, .transactional, .transactional, .marketing]),
            retryPolicy: RetryPolicy(delays: delays),
            scheduledAt: self.world.random.chance(0.25) ? self.time(within: 40_000) : nil,
            expiresAt: self.world.random.chance(0.1) ? self.time(within: 60_000) : nil,
            onUncertain: self.world.random.pick([.hold, .resend])
        )
    }

    func time(within milliseconds: Int) -> Timestamp {
        self.world.now + self.world.random.milliseconds(0...milliseconds)
    }
}
