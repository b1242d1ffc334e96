import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Whatever is done to messages, in any order: the service answers and stores what a model of them says.
@Suite(.messaging, .timeLimit(.minutes(2))) struct RandomActsTests {
    /// Twelve, or the one of `HERALD_SEED`; a failure names its own.
    private static let seeds =
        ProcessInfo.processInfo.environment["HERALD_SEED"].flatMap { UInt64($0) }.map { [$0] }
        ?? (0..<12).map { _ in UInt64.random(in: 1...999_999) }

    @Test(arguments: Self.seeds) func theServiceDoesWhatTheModelSays(seed: UInt64) async throws {
        var run = try await RandomRun(seed: seed)
        for step in 1...200 {
            try await run.step()
            if step % 10 == 0 { try await run.check() }
        }
        try await run.drain()
    }
}

/// Random acts of one seed on a service, and the model beside it.
struct RandomRun {
    /// What the provider wants when it is asked too often.
    static let throttling: Duration = .seconds(3600)
    private static let recipients = ["+15550000001", "+15550000002", "+15550000003"]
    private static let error = ProviderError(code: "sandbox-fault", detail: "Played.")

    private let seed: UInt64
    private let fixture: MessagingFixture
    private let accountID: AccountID
    private var random: SplitMix64
    private var model = MessageModel()
    private var leases: [MessagingAPI.Lease] = []
    /// All that ever were, and one that never was.
    private var ids: [MessageID] = [.new()]
    private var latest: [MessageID: Int] = [:]
    private var trace: [String] = []

    init(seed: UInt64) async throws {
        (self.seed, self.random) = (seed, SplitMix64(state: seed))
        self.fixture = try MessagingFixture(leaseTime: .seconds(3600), conversations: .byRecipient)
        self.accountID = try await self.fixture.account(.sandbox)
    }

    mutating func step() async throws {
        switch Int.random(in: 0..<100, using: &self.random) {
        case 0..<20: try await self.create()
        case 20..<35: try await self.lease(self.number(1...4))
        case 35..<55: try await self.tell()
        case 55..<71: try await self.report()
        case 71..<77: try await self.act([self.anyID()])
        case 77..<84: try await self.edit()
        case 84..<88: try await self.resolve()
        case 88..<90: try await self.act(Array(Set((0..<8).map { _ in self.anyID() })).sorted())
        case 90..<92: try await self.job()
        default: try await self.pass()
        }
    }

    // MARK: - Workers

    private mutating func create() async throws {
        let (now, number) = (Timestamp.now, self.ids.count)
        let delays = self.pick([["60s", "60s"], ["60s", "1h"], ["1h"], []])
        var message = MessageModel.Message(
            body: "body \(number)",
            recipient: self.pick(Self.recipients),
            category: self.pick(Shared.Category.allCases),
            reference: "r\(self.number(0...2))",
            delays: delays.map { $0 == "1h" ? .seconds(3600) : .seconds(60) },
            isResent: self.chance(40),
            scheduledAt: self.chance(25) ? now + .seconds(1800 * self.number(1...3)) : nil,
            due: now...now
        )
        if self.chance(25) { message.expiresAt = (message.scheduledAt ?? now) + .seconds(self.pick([600, 5400])) }
        self.note("create \(number): \(message)")
        let id = try await self.fixture.send(
            message.body,
            to: message.recipient,
            [
                "category": .string(message.category.rawValue), "reference": .string(message.reference),
                "retry": ["delays": .array(delays.map { .string($0) })],
                "on_uncertain": .string(message.isResent ? "resend" : "hold"),
                "scheduled_at": .text(message.scheduledAt), "expires_at": .text(message.expiresAt),
            ]
        )
        self.ids.append(id)
        self.model.create(id, message, now: now)
    }

    private mutating func lease(_ slots: Int) async throws {
        self.note("lease \(slots)")
        let claimable = self.model.claimable(.now)
        let leases = try await self.fixture.offerAndLease(slots: slots)
        try self.same(leases.count, min(slots, claimable.count))
        try self.same(Set(leases.map(\.messageID)).subtracting(claimable), [])
        let left = claimable.subtracting(leases.map(\.messageID)).compactMap { self.model[$0]?.category.priority }
        for lease in leases.sorted(by: { self.index($0.messageID) < self.index($1.messageID) }) {
            self.model.lease(lease.messageID)
            let message = try #require(self.model[lease.messageID])
            try self.same(lease.reference.number, message.latest)
            try self.same([lease.to, lease.content.body], [message.recipient, message.body])
            try self.same(left.contains { $0 < message.category.priority }, false)
            self.latest[lease.messageID] = message.latest
            self.leases.append(lease)
        }
    }

    /// Mostly of an attempt that is being made, and sometimes of one that is over, or again.
    private mutating func tell() async throws {
        let open = self.leases.filter { lease in
            self.model[lease.messageID].map { $0.stand == .leased && $0.latest == lease.reference.number } ?? false
        }
        let isOpen = self.chance(85) && !open.isEmpty
        guard let lease = (isOpen ? open : self.leases).randomElement(using: &self.random) else { return }
        let news: MessageModel.News = self.pick([
            .sent, .sent, .sent, .transient, .transient, .permanent, .throttled, .uncertain, .uncertain,
        ])
        let outcome: SendOutcome =
            switch news {
            case .sent, .delivered, .read: .accepted(providerMessageID: "\(lease.reference)")
            case .transient: .failedTransiently(Self.error, retryAfter: nil)
            case .permanent: .rejected(Self.error)
            case .throttled: .throttled(Self.error, retryAfter: Self.throttling, scope: .recipient)
            case .uncertain: .uncertain(Self.error)
            }
        self.note("tell \(news) of \(self.index(lease.messageID)).\(lease.reference.number)")
        let told = MessagingAPI.AttemptOutcome(
            orgID: lease.orgID,
            reference: lease.reference,
            outcome: outcome,
            startedAt: .now,
            endedAt: .now
        )
        let now = Timestamp.now
        let effects = try await self.fixture.settle([AttemptEvent(told, by: self.fixture.worker)])
        try self.same(effects.map(\.heard), [self.model.hear(news, of: lease.reference, now: now)])
    }

    /// Of any attempt that was ever made, in few enough words that some are said again.
    private mutating func report() async throws {
        let tried = self.ids.filter { self.latest[$0] != nil }
        let open = tried.filter { self.model[$0].map { $0.status != .failed && $0.status != .read } ?? false }
        guard let id = (self.chance(80) ? open : tried).randomElement(using: &self.random),
            let latest = self.latest[id]
        else { return }
        let reference = AttemptReference(messageID: id, number: self.chance(70) ? latest : self.number(1...latest))
        let news: MessageModel.News = self.pick([.sent, .delivered, .read, .transient, .permanent, .uncertain])
        let status: ProviderReport.Status =
            switch news {
            case .sent: .sent
            case .delivered: .delivered
            case .read: .read
            case .transient: .failed(Self.error, .transient)
            case .permanent: .failed(Self.error, .permanent)
            case .uncertain, .throttled: .failed(Self.error, .uncertain)
            }
        let key = "\(reference):\(news):\(self.number(0...1))"
        self.note("report \(news) of \(self.index(id)).\(reference.number)")
        let report = ProviderReport(
            eventKey: key,
            reference: reference,
            providerMessageID: nil,
            status: status,
            occurredAt: .now
        )
        let now = Timestamp.now
        let answer = try await self.fixture.apply([
            .init(orgID: self.fixture.orgID, accountID: self.accountID, report: report)
        ])
        let effect = self.model.heard[key]?.effect ?? self.model.hear(news, of: reference, now: now)
        self.model.heard[key] = (id, effect)
        try self.same(answer, [effect.asReported])
    }

    // MARK: - Acts

    private mutating func act(_ ids: [MessageID]) async throws {
        if ids.count > 1 { try await self.check() }
        let action = self.anyAction()
        self.note("\(action) \(ids.map { self.index($0) })")
        let now = Timestamp.now
        let keys = ids.map { self.fixture.key($0) }
        let effects = try await self.fixture.act(action.asJob, on: keys, by: "key:person", requestID: "r")
        try self.same(effects.map(\.answer), self.model.act(action, on: ids, now: now))
    }

    private mutating func resolve() async throws {
        let open = self.ids.filter { self.model[$0]?.status == .uncertain }
        let id = (self.chance(80) ? open.randomElement(using: &self.random) : nil) ?? self.anyID()
        let (resolution, now) = (self.pick(Resolution.allCases), Timestamp.now)
        self.note("resolve \(self.index(id)) as \(resolution)")
        let status: MessageStatus? =
            switch resolution {
            case .sent: .sent
            case .failed: .failed
            case .resend: nil
            }
        let effect = try #require(try await self.fixture.resolve(id, as: resolution))
        try self.same(effect.answer, self.model.resolve(id, as: status, now: now))
    }

    private mutating func edit() async throws {
        try await self.check()
        // Who waits for another attempt is moved with its wait.
        let pausing = self.ids.filter { self.model[$0].map { $0.stand != .out && $0.latest > 0 } ?? false }
        let id = (self.chance(40) ? pausing.randomElement(using: &self.random) : nil) ?? self.anyID()
        let now = Timestamp.now
        let later = now + .seconds(1800 * self.number(1...3))
        let edit: MessageModel.Edit = self.pick([
            .body("edited \(self.trace.count)"), .time(later), .time(nil),
            .recipient(self.pick(Self.recipients)), .recipient(self.pick(Self.recipients)),
        ])
        let fields: JSONValue =
            switch edit {
            case .body(let text): ["body": .string(text)]
            case .recipient(let text): ["to": .string(text)]
            case .time(let time): ["scheduled_at": .text(time)]
            }
        self.note("edit \(self.index(id)): \(edit)")
        var answer: MessageModel.Answer
        do {
            try await self.fixture.edit(id, fields)
            answer = .changed(try await self.fixture.status(of: id))
        } catch let refusal as ActRefusal {
            answer = ChangeMessages.Effect.refused(refusal).answer
        } catch let problem as Problem {
            answer = problem == .notFound ? .unknown : .invalid
        }
        try self.same(answer, self.model.edit(edit, of: id, now: now))
    }

    private mutating func job() async throws {
        try await self.check()
        let (action, reference) = (self.anyAction(), "r\(self.number(0...2))")
        let filter: [MessageStatus]? = self.pick([
            nil, [.queued, .failed, .sent], [.scheduled, .cancelled, .sending],
        ])
        let now = Timestamp.now
        let possible: [MessageStatus] =
            switch action {
            case .cancel, .sendNow: [.scheduled, .queued]
            case .retry: [.failed]
            case .delete: MessageStatus.allCases
            }
        let meant = self.ids.filter { id in
            guard let message = self.model[id], message.reference == reference else { return false }
            return possible.contains(message.shown) && filter?.contains(message.shown) ?? true
        }
        self.note("job \(action) \(reference) \(String(describing: filter)): \(meant.map { self.index($0) })")
        let start = StartJob(postgres: self.fixture.postgres, wake: JobSignal())
        let bulk = BulkFilter(messages: MessageFilter(statuses: filter, reference: reference))
        guard !meant.isEmpty else {
            let none = await #expect(throws: Problem.self) {
                try await start(action.asJob, bulk, for: self.fixture.acting, requestID: "r")
            }
            return try self.same(none?.code, "nothing-matches")
        }
        let job = try await start(action.asJob, bulk, for: self.fixture.acting, requestID: "r")
        let runner = RunJobs(
            engine: self.fixture.engine,
            postgres: self.fixture.postgres,
            act: self.fixture.act,
            wake: JobSignal(),
            replica: "test",
            clock: ContinuousClock(),
            logger: .quiet
        )
        while try await runner.stepAll() {}
        let done = try Job(try await self.fixture.row(JobStore.find(job.id, of: self.fixture.orgID)))
        let answers = self.model.act(action, on: meant, now: now)
        let changed = answers.count { if case .changed = $0 { true } else { false } }
        try self.same([job.total, done.changed, done.refused], [meant.count, changed, meant.count - changed])
    }

    // MARK: - Time

    private mutating func pass() async throws {
        try await self.check()
        let now = Timestamp.now
        var span = Duration.seconds(self.pick([130, 700, 4500]))
        while self.model.isNear(span, now: now) { span += .seconds(60) }
        self.note("pass \(span)")
        let past: SQL = "\(Int(span.microseconds))::bigint * interval '1 microsecond'"
        try await self.fixture.rows(
            """
            UPDATE outbox SET due_at = due_at - \(past), hold_until = hold_until - \(past),
                expires_at = expires_at - \(past), failing_since = failing_since - \(past)
            """
        )
        try await self.fixture.rows(
            "UPDATE messages SET scheduled_at = scheduled_at - \(past), expires_at = expires_at - \(past)"
        )
        try await self.fixture.sweep.expire()
        try await self.fixture.sweep.placeDue()
        try await self.fixture.sweep.releaseUncertain()
        self.model.pass(span, now: now)
    }

    /// Leases whatever can be: nothing that is due and first is left.
    mutating func drain() async throws {
        try await self.lease(200)
        try await self.check()
        let left = try await self.fixture.count(
            """
            SELECT count(*) AS count FROM outbox
             WHERE state = 'ready' AND due_at <= now() AND (expires_at IS NULL OR expires_at > now())
            """
        )
        try self.same(left, 0)
        try self.same(try await self.fixture.mendLanes(), 0)
    }

    // MARK: - Rows

    /// Compares all rows with the model, and learns the times that chance decided.
    mutating func check() async throws {
        let rows = try await self.fixture.rows(
            """
            SELECT m.id, m.current_status, m.attempt_count, m.content ->> 'body' AS body, m.recipient, o.state, o.place,
                   o.due_at, o.urgent, d.message_id IS NOT NULL AS is_dead
              FROM message_states m
              LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id
              LEFT JOIN dead_letters d ON d.org_id = m.org_id AND d.message_id = m.id
             ORDER BY o.place
            """
        )
        var (lines, lanes, places): ([String], [String: [MessageID]], Set<String>) = ([], [:], [])
        for row in rows {
            let id: MessageID = try row.get("id")
            let (state, place): (QueueState?, Int?) = (try row.getIfPresent("state"), try row.getIfPresent("place"))
            let (status, count): (MessageStatus, Int) = (try row.get("current_status"), try row.get("attempt_count"))
            let (body, recipient): (String, String) = (try row.get("body"), try row.get("recipient"))
            let isDead: Bool = try row.get("is_dead")
            lines.append(
                "\(id) \(status) \(count) \(body) \(recipient) \(state?.rawValue ?? "out") \(place != nil) \(isDead)"
            )
            if let place {
                let lane = "\(recipient) \(try row.get("urgent", as: Bool.self))"
                lanes[lane, default: []].append(id)
                try self.same(places.insert("\(lane) \(place)").inserted, true)
            }
            guard state == .scheduled || state == .ready, let dueAt: Timestamp = try row.getIfPresent("due_at"),
                let due = self.model[id]?.due
            else { continue }
            // The service looked at its clock a little later.
            try self.same((due.lowerBound...due.upperBound + .seconds(20)).contains(dueAt), true)
            if due.lowerBound < due.upperBound { self.model.learn(dueAt, of: id) }
        }
        try self.same(lines.sorted(), self.ids.compactMap { self.model.line($0) }.sorted())
        try self.same(lanes, self.model.lanes.filter { !$0.value.isEmpty })
        try self.same(try await self.fixture.count(Self.brokenLanes), 0)
    }

    private static let brokenLanes: SQL = """
        SELECT count(*) AS count FROM lanes l
          LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE o.state = 'waiting') AS waiting, count(*) FILTER (WHERE o.state <> 'waiting') AS heads,
                   max(o.message_id::text) FILTER (WHERE o.state <> 'waiting') AS head, max(o.place) AS place
              FROM outbox o WHERE o.org_id = l.org_id AND o.conversation_id = l.conversation_id AND o.urgent = l.urgent
               AND o.place IS NOT NULL) AS o ON true
         WHERE l.waiting <> o.waiting OR l.head::text IS DISTINCT FROM o.head OR o.heads > 1 OR l.next_place <= o.place
        """

    /// Stops at the first difference, with all that led to it.
    private func same<Value: Equatable>(_ value: Value, _ expected: Value) throws {
        try #require(value == expected, "HERALD_SEED=\(self.seed)\n\(self.trace.joined(separator: "\n"))")
    }

    private mutating func note(_ act: String) { self.trace.append("\(self.trace.count + 1). \(act)") }

    private func index(_ id: MessageID) -> Int { self.ids.firstIndex(of: id) ?? 0 }

    // MARK: - Chance

    /// Mostly one that is still in the queue, or failed.
    private mutating func anyID() -> MessageID {
        let near = self.ids.filter { self.model[$0].map { $0.stand != .out || $0.status == .failed } ?? false }
        return (self.chance(80) ? near.randomElement(using: &self.random) : nil) ?? self.pick(self.ids)
    }

    /// Removes less than the rest makes.
    private mutating func anyAction() -> MessageModel.Action {
        self.pick([.cancel, .retry, .retry, .delete, .sendNow, .sendNow])
    }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[self.number(0...values.count - 1)] }
    private mutating func number(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &self.random) }
    private mutating func chance(_ percent: Int) -> Bool { self.number(1...100) <= percent }
}

/// The same sequence for the same seed.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}

extension MessageModel.Action {
    fileprivate var asJob: JobAction {
        switch self {
        case .cancel: .cancel
        case .retry: .retry
        case .delete: .delete
        case .sendNow: .sendNow
        }
    }
}

extension MessageModel.Heard {
    fileprivate var asReported: MessagingAPI.ReportEffect {
        switch self {
        case .applied: .applied
        case .late: .ignored
        case .unknown: .unmatched
        }
    }
}

extension ChangeMessages.Effect {
    fileprivate var answer: MessageModel.Answer {
        switch self {
        case .changed(let status): .changed(status)
        case .refused(.inFlight): .inFlight
        case .refused(.wrongState(let status, _)): .refused(status)
        case .unknown: .unknown
        }
    }
}

extension SettleMessages.Effect {
    fileprivate var heard: MessageModel.Heard {
        switch self {
        case .applied(let status): .applied(status)
        case .ignored: .late
        case .unknown: .unknown
        }
    }
}
