import InternalAPI
import Shared

/// What providers say later, and inbound-gateway, which tells it until it is taken: in any order, and more than once.
final class Webhooks {
    private unowned let world: World
    private var waiting = 0
    private var events = 0

    init(world: World) {
        self.world = world
    }

    var isEmpty: Bool { self.waiting == 0 }

    /// Plans what is said about a message that was taken.
    func follow(_ place: Int) {
        let entry = self.world.provider.ledger[place]
        guard self.world.plan.accounts[entry.account].evidence == .echo else { return }
        if self.world.random.below(100) < self.world.plan.answers.failedLater {
            let failureClass = self.world.random.pick([FailureClass.transient, .transient, .permanent, .account])
            self.say(.failed(.simulated, failureClass), of: place)
            // Phones report both, in any order.
            if self.world.random.chance(0.2) { self.say(.delivered, of: place) }
            return
        }
        for status in [ProviderReport.Status.sent, .delivered, .read] where self.world.random.chance(0.8) {
            self.say(status, of: place)
        }
        // A provider that echoes says something about each message.
        self.say(.sent, of: place)
    }

    private func say(_ status: ProviderReport.Status, of place: Int) {
        self.waiting += 1
        let delay = self.world.random.pick([200, 3000, 20_000, 100_000])
        self.world.after(1...delay) { [unowned self] in
            let entry = self.world.provider.ledger[place]
            if case .failed = status { self.world.provider.refute(place) }
            self.world.truth.noteSaid(status, of: entry.reference)
            self.events += 1
            let report = MessagingAPI.AccountReport(
                orgID: Names.org,
                accountID: Names.account(entry.account),
                report: ProviderReport(
                    eventKey: "event-\(self.events)",
                    reference: entry.reference,
                    providerMessageID: entry.id,
                    status: status,
                    occurredAt: self.world.now
                )
            )
            self.deliver(report)
            guard self.world.random.chance(0.2) else { return }
            self.waiting += 1
            self.world.after(1...30_000) { [unowned self] in self.deliver(report) }
        }
    }

    private func deliver(_ report: MessagingAPI.AccountReport) {
        self.world.note("report \(report.report.status) of \(report.report.reference?.words ?? "?")")
        self.world.call({ [unowned self] in self.world.service.reports([report], $0) }) { [unowned self] answer in
            switch answer {
            case .success: self.waiting -= 1
            case .failure: self.world.after(100...3000) { [unowned self] in self.deliver(report) }
            }
        }
    }
}
