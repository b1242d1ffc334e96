import InternalAPI
import Shared

/// The providers: what they took stands in a ledger, whether or not anybody hears of it.
final class ProviderSite {
    /// A message that a provider took responsibility for.
    struct Entry {
        let id: String
        let reference: AttemptReference
        let account: Int
        let at: Timestamp
        /// When its list has it.
        let listedAt: Timestamp
        /// When it said that it did not arrive after all.
        var refutedAt: Timestamp?
    }

    private unowned let world: World
    private(set) var ledger: [Entry] = []
    private var blockedUntil: [Timestamp]
    private var awayUntil: [Timestamp]

    init(world: World) {
        self.world = world
        self.blockedUntil = Array(repeating: World.start, count: world.plan.accounts.count)
        self.awayUntil = self.blockedUntil
    }

    func block(_ account: Int, for duration: Duration) {
        self.blockedUntil[account] = max(self.blockedUntil[account], self.world.now + duration)
    }

    func lose(_ account: Int, for duration: Duration) {
        self.awayUntil[account] = max(self.awayUntil[account], self.world.now + duration)
    }

    func heal() {
        for account in self.blockedUntil.indices {
            (self.blockedUntil[account], self.awayUntil[account]) = (self.world.now, self.world.now)
        }
    }

    func refute(_ place: Int) { self.ledger[place].refutedAt = self.ledger[place].refutedAt ?? self.world.now }

    /// Takes a request on its way: what left arrives, though its sender dies meanwhile.
    func send(_ lease: MessagingAPI.Lease, from worker: WorkerProcess, _ answer: @escaping (SendOutcome) -> Void) {
        self.world.after(1...40) { [unowned self] in self.receive(lease, from: worker, answer) }
    }

    private func receive(
        _ lease: MessagingAPI.Lease,
        from worker: WorkerProcess,
        _ answer: @escaping (SendOutcome) -> Void
    ) {
        let account = lease.accountID.index
        let answers = self.world.plan.answers
        var dice = self.world.isHealed ? 99 : self.world.random.below(100)
        func falls(in parts: Int) -> Bool {
            dice -= parts
            return dice < 0
        }
        if self.awayUntil[account] > self.world.now {
            // Refused at once, or silent.
            if self.world.random.chance(0.85) { self.say(.failedTransiently(.simulated, retryAfter: nil), answer) }
        } else if self.blockedUntil[account] > self.world.now || falls(in: answers.account) {
            self.say(.accountBlocked(.simulated), answer)
        } else if falls(in: answers.neverGot) {
            self.world.note("\(lease.reference.words) is lost on the way")
        } else if falls(in: answers.rejected) {
            self.say(.rejected(.simulated), answer)
        } else if falls(in: answers.throttled) {
            let scope: ThrottleScope = self.world.random.chance(0.5) ? .account : .recipient
            let wish: Duration? = self.world.random.chance(0.5) ? .seconds(self.world.random.int(1...8)) : nil
            self.say(.throttled(.simulated, retryAfter: wish, scope: scope), answer)
        } else if falls(in: answers.transient) {
            self.say(.failedTransiently(.simulated, retryAfter: nil), answer)
        } else {
            let isHeard = !falls(in: answers.acceptedUnheard)
            let id = self.accept(lease, account)
            // The window of windows: taken, and the worker ends before it hears so.
            if self.world.strikes(self.world.plan.rates.crash) { return worker.crash() }
            if isHeard { self.say(.accepted(providerMessageID: id), answer) }
        }
    }

    private func say(_ outcome: SendOutcome, _ answer: @escaping (SendOutcome) -> Void) {
        self.world.after(1...self.world.plan.answers.slowest) { answer(outcome) }
    }

    private func accept(_ lease: MessagingAPI.Lease, _ account: Int) -> String {
        let id = "provider-\(self.ledger.count)"
        self.world.note("\(lease.reference.words) is taken as \(id)")
        let listedAt = self.world.now + self.world.random.milliseconds(0...6000)
        self.ledger.append(
            Entry(id: id, reference: lease.reference, account: account, at: self.world.now, listedAt: listedAt)
        )
        self.world.truth.checkAcceptance(of: lease.reference)
        self.world.webhooks.follow(self.ledger.count - 1)
        return id
    }

    /// Answers what it took, where it can be asked.
    func lookUp(_ question: MessagingAPI.LookUp, _ answer: @escaping (MessagingAPI.LookUpFinding.Answer) -> Void) {
        self.world.after(1...self.world.plan.answers.slowest) { [unowned self] in
            let isSilent = self.awayUntil[question.accountID.index] > self.world.now || self.world.strikes(0.1)
            guard !isSilent else { return answer(.unanswered(.simulated)) }
            // As `TwilioMatch` does: clocks differ, and each message has a text of its own.
            let since = question.since - .seconds(5)
            let found = self.ledger.filter { entry in
                entry.reference.messageID == question.reference.messageID && entry.at >= since
                    && entry.listedAt <= self.world.now
            }
            answer(found.isEmpty ? .absent : .candidates(found.map(\.id)))
        }
    }
}
