import MessagingService
import Shared

/// One schedule under way: its time, its chance, and all who take part in it.
final class World {
    static let start = Timestamp(microseconds: 1_800_000_000_000_000)
    /// Steps after which a schedule counts as one that never ends.
    static let mostSteps = 20_000

    let defect: Defect?
    let plan: Plan
    var random: Random
    private var agenda = Agenda(now: World.start)
    private(set) var steps = 0
    private(set) var isHealed = false
    /// The first thing that was found wrong.
    private(set) var violation: String?
    private(set) var sights = Sights()
    /// What happened; nil when nobody wants to know.
    private(set) var trace: [String]?

    private(set) lazy var truth = Truth(world: self)
    private(set) lazy var database = Database(world: self)
    private(set) lazy var service = Service(world: self)
    private(set) lazy var provider = ProviderSite(world: self)
    private(set) lazy var webhooks = Webhooks(world: self)
    private(set) lazy var people = People(world: self)
    private(set) lazy var workers = (0..<self.plan.workers).map { WorkerProcess(index: $0, world: self) }

    init(seed: UInt64, defect: Defect?, tracing: Simulation.Tracing) {
        var random = Random(seed: seed)
        self.plan = Plan(&random)
        self.random = random
        self.defect = defect
        self.trace = tracing == .on ? [] : nil
    }

    var now: Timestamp { self.agenda.now }

    /// Lets everything happen, until all is quiet or something is wrong.
    func run() {
        for worker in self.workers { worker.start() }
        self.people.begin()
        self.planTrouble()
        self.at(Self.start + self.plan.horizon) { [unowned self] in self.heal() }
        while self.violation == nil, let work = self.agenda.takeNext() {
            self.steps += 1
            work()
            if self.isHealed, self.isQuiet { break }
            if self.steps == Self.mostSteps { self.fail("it never ends: \(self.openWork)") }
        }
        if self.violation == nil { self.truth.checkEnd() }
    }

    /// Plans something for later: within a range of milliseconds.
    func after(_ milliseconds: ClosedRange<Int>, _ work: @escaping () -> Void) {
        self.agenda.add(at: self.now + self.random.milliseconds(milliseconds), work)
    }

    func at(_ time: Timestamp, _ work: @escaping () -> Void) {
        self.agenda.add(at: time, work)
    }

    /// Whether something goes wrong that goes wrong so often.
    func strikes(_ rate: Double) -> Bool { !self.isHealed && self.random.chance(rate) }

    func has(_ defect: Defect) -> Bool { self.defect == defect }

    func see(_ sight: Sight) { self.sights.add(sight) }

    /// Ends the schedule: something is wrong.
    func fail(_ sentence: @autoclosure () -> String) {
        guard self.violation == nil else { return }
        let sentence = sentence()
        self.violation = sentence
        self.note("VIOLATION: \(sentence)")
    }

    /// Writes a line of the trace; it is not even made when nobody reads it.
    func note(_ line: @autoclosure () -> String) {
        guard self.trace != nil else { return }
        self.trace?.append("\((self.now - Self.start).milliseconds) ms  \(line())")
    }

    private func heal() {
        self.isHealed = true
        self.note("healed")
        self.service.heal()
        self.provider.heal()
        self.people.heal()
        for worker in self.workers { worker.heal() }
        if self.plan.isWorkerLost { self.workers.last?.lose() }
    }

    /// Whether nothing is left to be done.
    private var isQuiet: Bool {
        self.database.tables.isDone && self.webhooks.isEmpty && self.people.isDone && self.workers.allSatisfy(\.isIdle)
    }

    /// What is not over, for a sentence about it.
    private var openWork: String {
        let workers = self.workers.map { "worker \($0.index) is \($0.phase) and holds \($0.held)" }
        let gates = self.database.tables.flows.map { "account \($0.account.accountID.index) is \($0.gate)" }
        return ([self.database.tables.open] + gates + workers).joined(separator: "; ")
    }
}
