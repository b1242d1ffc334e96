import FaultPoints
import Installation
import TestClient

/// What faults can be done to, and how likely each is.
struct Targets: Sendable {
    let workers: [String]

    init(workers: Int) {
        self.workers = (0..<workers).map { WorkerPlan.number($0 + 1).name }
    }

    /// Every process; one that stands here more often is met more often.
    var processes: [String] {
        self.workers + self.workers + Replica.allCases.map(\.name) + Replica.allCases.map(\.name)
            + [
                "api-gateway", "api-gateway", "inbound-gateway", "inbound-gateway", "customer-service",
                "conversation-service",
            ]
    }

    /// Every way on which something can be broken.
    static let ways: [Way] =
        ["customer-service", "conversation-service", Replica.a.name].flatMap { callee in
            ["api-gateway", "inbound-gateway"].map { Way(from: $0, to: callee) }
        } + [
            Way(from: "api-gateway", to: "inbound-gateway"),
            Way(from: "messaging-service", to: "customer-service"),
            Way(from: "messaging-service", to: "conversation-service"),
            Way(from: "outbound-worker", to: Replica.a.name), Way(from: "outbound-worker", to: Replica.b.name),
            Way(from: "outbound-worker", to: "provider"), Way(from: "outbound-worker", to: "provider"),
        ] + Self.postgresWays

    /// By the role that a service logs in as.
    static let postgresWays = ["gateway", "inbound", "customers", "conversations", "messaging", "messaging_engine"].map
    {
        Way(from: $0, to: "postgres")
    }

    func fault(
        of lane: Schedule.Lane,
        _ form: Form,
        longest: Duration,
        _ chance: inout SeededGenerator
    ) -> Fault {
        let process = self.processes.randomElement(using: &chance) ?? "api-gateway"
        switch lane {
        case .kills:
            return Int.random(in: 0..<10, using: &chance) == 0 ? .restart(process) : .kill(process)
        case .stops: return .stop(process, form.length(upTo: .seconds(90), longest, &chance))
        case .postgres: return .postgres(self.postgres(form, longest, &chance))
        case .network: return self.network(form, longest, &chance)
        case .provider: return self.provider(form, longest, &chance)
        case .callbacks: return .callbacks(CallbackMode.allCases.randomElement(using: &chance) ?? .early)
        case .clock:
            return .clock(process, Int.random(in: 1...50, using: &chance) * (Bool.random(using: &chance) ? 60 : -60))
        case .disk: return .fullDisk(form.length(upTo: .seconds(10), longest, &chance))
        }
    }

    private func postgres(_ form: Form, _ longest: Duration, _ chance: inout SeededGenerator) -> PostgresFault {
        switch Int.random(in: 0..<6, using: &chance) {
        case 0, 1: .killAll(away: .milliseconds(Int.random(in: 0...500, using: &chance)))
        case 2: .killOne
        case 3: .stopImmediately(away: .milliseconds(Int.random(in: 0...500, using: &chance)))
        case 4: .endConnections
        default: .stop(form.length(upTo: .seconds(20), longest, &chance))
        }
    }

    private func network(_ form: Form, _ longest: Duration, _ chance: inout SeededGenerator) -> Fault {
        let way = Self.ways.randomElement(using: &chance) ?? Self.ways[0]
        let length = form.length(upTo: .seconds(30), longest, &chance)
        let isPostgres = way.to == "postgres"
        let fault: NetworkFault =
            switch Int.random(in: 0..<(isPostgres ? 5 : 4), using: &chance) {
            case 0: .hold
            case 1: .delay(milliseconds: Int64.random(in: 5...400, using: &chance))
            case 2: .cut(afterBytes: Int.random(in: 1...20_000, using: &chance))
            case 3: .reset
            default: .cutAfterCommit
            }
        return .network(way, fault, length)
    }

    private func provider(_ form: Form, _ longest: Duration, _ chance: inout SeededGenerator) -> Fault {
        let length = form.length(upTo: .seconds(30), longest, &chance)
        let fault: ProviderFault =
            switch Int.random(in: 0..<10, using: &chance) {
            case 0: .down
            case 1: .serverErrors
            case 2: .throttled
            case 3: .slow(.milliseconds(Int.random(in: 200...2500, using: &chance)))
            case 4, 5: .acceptsAndCuts(Int.random(in: 1...5, using: &chance))
            case 6: .garbage(Int.random(in: 1...3, using: &chance))
            default: .acceptsAsTheWorkerDies(self.workers.randomElement(using: &chance) ?? "")
            }
        return .provider(fault, length)
    }
}

extension FaultPoint {
    /// The processes that come there; both gateways ask replica A.
    func processes(among workers: [String]) -> [String] {
        switch self {
        case .createBeforeCommit, .createAfterCommit, .reportBeforeCommit, .receiveBeforeCommit: [Replica.a.name]
        case .claimAfterCommit, .outcomeBeforeCommit, .outcomeAfterCommit, .recoveryBeforeCommit:
            Replica.allCases.map(\.name)
        case .intentJournaled, .answerRead, .outcomeJournaled, .outcomeHandedOver, .recoveryHandedOver: workers
        case .webhookBeforeCommit, .webhookAfterCommit, .eventPassedOn: ["inbound-gateway"]
        }
    }
}
