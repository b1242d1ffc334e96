import MessagingService
import OutboundWorker
import Shared

/// What one schedule is like: its accounts, its people, and how often what goes wrong.
struct Plan {
    /// How it becomes known what a provider took when its answer was lost.
    enum Evidence: CaseIterable {
        /// Its reports name the attempt, as WhatsApp's do.
        case echo
        /// It can be asked, as Twilio can.
        case lookUp
        /// Not at all, as with SMTP.
        case none
    }

    struct Account {
        let evidence: Evidence
        let limits: AccountFlow.Limits

        var channel: Channel {
            switch self.evidence {
            case .echo: .whatsapp
            case .lookUp: .sms
            case .none: .email
            }
        }

        var provider: ProviderKind {
            switch self.evidence {
            case .echo: .whatsappCloud
            case .lookUp: .twilio
            case .none: .smtp
            }
        }
    }

    let accounts: [Account]
    /// The account of each conversation.
    let conversations: [Int]
    let workers: Int
    /// Whether one of several workers never comes back.
    let isWorkerLost: Bool
    /// How far the clock of each worker is off.
    let skews: [Duration]
    /// The size at which journals are rewritten.
    let compactionBytes: Int
    let slots: Int
    /// The slots by which some are kept for one-time codes: only where there are many.
    let slotsForShare: Int
    let messages: Int
    let acts: Int
    /// When nothing goes wrong any more.
    let horizon: Duration
    let leaseTime: Duration
    let deadline: Duration
    let hold: Duration
    let rates: Rates
    let answers: Answers
    /// The message that ends each process which touches it.
    let poisonous: Int?
    /// Whether a provider is away for long, and everybody tries often: so that the circuit breaks.
    let isOutage: Bool

    init(_ random: inout Random) {
        self.isOutage = random.chance(0.03)
        self.accounts = (0...random.below(self.isOutage ? 1 : 3)).map { _ in Account(&random) }
        let accounts = self.accounts.count
        self.conversations = (0...random.int(1...3)).map { _ in random.below(accounts) }
        self.workers = random.int(1...3)
        self.isWorkerLost = self.workers > 1 && random.chance(0.1)
        let isSkewed = random.chance(0.15)
        self.skews = (0..<self.workers).map { _ in .seconds(isSkewed ? random.pick([-3600, -40, 0, 4, 40, 3600]) : 0) }
        self.compactionBytes = random.pick([300, 1000, AttemptJournal.compactionBytes])
        self.slots = random.int(1...4)
        self.slotsForShare = self.slots > 2 && random.chance(0.3) ? 32 : self.slots
        self.messages = random.int(self.isOutage ? 6...10 : 2...8)
        self.acts = random.chance(0.5) ? random.int(1...5) : 0
        self.horizon = .seconds(self.isOutage ? 60 : random.pick([10, 30, 60, 120]))
        self.deadline = .seconds(random.pick([5, 10, 20]))
        self.leaseTime = self.deadline + .seconds(random.pick([10, 20, 40]))
        // What a worker that stood still may yet send has left by then.
        self.hold = self.deadline + .seconds(random.pick([1, 5, 20, 80]))
        self.rates = Rates(&random)
        self.answers = Answers(&random)
        self.poisonous = random.chance(0.03) ? random.below(self.messages) : nil
    }
}

extension Plan.Account {
    fileprivate init(_ random: inout Random) {
        self.evidence = random.pick(Plan.Evidence.allCases)
        let isLimited = random.chance(0.4)
        self.limits = AccountFlow.Limits(
            rate: isLimited ? random.pick([0.5, 1, 2, 5]) : nil,
            burst: isLimited ? Double(random.int(1...3)) : nil,
            maxInFlight: random.chance(0.2) ? random.int(1...2) : nil,
            rules: QueueRow.Rules(
                patience: .seconds(random.pick([0, 2, 10, 30, 120])),
                pairInterval: random.chance(0.25) ? .seconds(random.int(1...4)) : .zero
            )
        )
    }
}

/// How often what goes wrong, until all is healed.
struct Rates {
    var lostCommit = 0.0
    var unknownCommit = 0.0
    var lostRequest = 0.0
    var lostAnswer = 0.0
    var repeatedRequest = 0.0
    /// Of each step of a worker.
    var crash = 0.0
    var tornWrite = 0.0
    /// Of each attempt of a worker: that it stands still in its midst, or is cut off.
    var stall = 0.0
    /// Times at which something larger happens.
    var events = 0

    fileprivate init(_ random: inout Random) {
        let mood = random.below(10)
        // One in ten is calm; one kind of trouble alone is found sooner than all of them together.
        if mood == 1 || mood == 2 || mood > 6 {
            self.lostCommit = 0.15 * random.fraction()
            self.unknownCommit = 0.15 * random.fraction()
        }
        if mood == 3 || mood == 4 || mood > 6 {
            self.lostRequest = 0.15 * random.fraction()
            self.lostAnswer = 0.2 * random.fraction()
            self.repeatedRequest = 0.15 * random.fraction()
        }
        if mood == 5 || mood == 6 || mood > 6 {
            self.crash = 0.08 * random.fraction()
            self.tornWrite = 0.03 * random.fraction()
            self.stall = 0.25 * random.fraction()
        }
        if mood > 0 { self.events = random.int(0...4) }
    }
}

/// What providers answer, in parts of 100; the rest is accepted, and the answer arrives.
struct Answers {
    let acceptedUnheard: Int
    let neverGot: Int
    let rejected: Int
    let throttled: Int
    let transient: Int
    let account: Int
    /// Of what was accepted, in parts of 100.
    let failedLater: Int
    let slowest: Int

    fileprivate init(_ random: inout Random) {
        let isRough = random.chance(0.6)
        self.acceptedUnheard = isRough ? random.int(0...15) : 2
        self.neverGot = isRough ? random.int(0...8) : 1
        self.rejected = isRough ? random.int(0...8) : 1
        self.throttled = isRough ? random.int(0...15) : 0
        self.transient = isRough ? random.int(0...30) : 2
        self.account = isRough ? random.int(0...5) : 0
        self.failedLater = random.chance(0.3) ? random.int(0...25) : 0
        self.slowest = random.pick([50, 500, 4000])
    }
}
