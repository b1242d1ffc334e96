import InternalAPI
import Metrics
import Shared
import Telemetry

/// What is measured of attempts.
struct AttemptMetrics: Sendable {
    private struct Ended: Hashable {
        let provider: ProviderKind
        let channel: Channel
        let outcome: String
    }

    private struct Asked: Hashable {
        let provider: ProviderKind?
        let answer: String
    }

    /// Which record of the journal could not be written.
    enum Record: String {
        case intent, outcome
    }

    private let ended = MetricFamily<Ended, Counter>("herald_attempts_total") {
        [("provider", $0.provider.rawValue), ("channel", $0.channel.rawValue), ("outcome", $0.outcome)]
    }
    private let durations = MetricFamily<ProviderKind, Timer>("herald_provider_duration_seconds") {
        [("provider", $0.rawValue)]
    }
    private let notMade = MetricFamily<NotMade, Counter>("herald_attempts_not_made_total") { [("reason", $0.rawValue)] }
    private let questions = MetricFamily<Asked, Counter>("herald_provider_questions_total") {
        [("provider", $0.provider?.rawValue ?? "none"), ("answer", $0.answer)]
    }
    private let journal = MetricFamily<Record, Counter>("herald_journal_failures_total") { [("record", $0.rawValue)] }

    init() {
        self.notMade.prepare(NotMade.allCases)
        self.journal.prepare([.intent, .outcome])
    }

    func ended(_ outcome: SendOutcome, of lease: MessagingAPI.Lease, by provider: ProviderKind) {
        self.ended[Ended(provider: provider, channel: lease.channel, outcome: outcome.className)].increment()
    }

    func answered(by provider: ProviderKind, after duration: Duration) {
        self.durations[provider].record(duration: duration)
    }

    func notMade(_ count: Int = 1, because reason: NotMade) { self.notMade[reason].increment(by: count) }

    func asked(_ provider: ProviderKind?, _ answer: MessagingAPI.LookUpFinding.Answer) {
        let word =
            switch answer {
            case .candidates: "candidates"
            case .absent: "absent"
            case .unanswered: "unanswered"
            }
        self.questions[Asked(provider: provider, answer: word)].increment()
    }

    func notJournaled(_ record: Record) { self.journal[record].increment() }
}

/// Why a lease is given back unused.
enum NotMade: String, Error, CaseIterable {
    /// More than was asked for would break the promise that holds memory and connections.
    case tooMany = "too_many"
    case noAccount = "no_account"
    case nearlyOver = "nearly_over"
    case stopping
    case attachments
    case policyTooOld = "policy_too_old"
    case journal
    /// The database was restored since it was leased.
    case fenced

    /// For the log.
    var sentence: String {
        switch self {
        case .tooMany: "more than the free slots"
        case .noAccount: "the account is missing"
        case .nearlyOver: "its lease is nearly over"
        case .stopping: "the worker stops"
        case .attachments: "its attachments can not be had"
        case .policyTooOld: "what was decided about its recipient is too old"
        case .journal: "it can not be journaled"
        case .fenced: "the database was restored"
        }
    }
}
