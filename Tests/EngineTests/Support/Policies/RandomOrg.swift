import Installation
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// An organization with rules and recipients of chance, whose messages all were foretold.
struct RandomOrg: Sendable {
    struct Foretold {
        let recipient: Int
        let category: Shared.Category
        let verdict: RandomVerdict
    }

    let tenant: API
    let rules: RandomRules
    private(set) var recipients: [RandomRecipient]
    /// Of every message what must have become of it; those of races are judged by what came of them.
    private(set) var foretold: [String: Foretold] = [:]
    private var generator: SeededGenerator
    private let body: String

    /// `number` tells apart the organizations of a test.
    init(_ number: Int, recipients count: Int, in herald: Installation) async throws {
        var generator = SeededGenerator(purpose: UInt64(1000 + number))
        self.rules = RandomRules(by: &generator)
        self.recipients = (0..<count).map { RandomRecipient($0 + 100_000 * number, by: &generator) }
        self.generator = generator
        self.tenant = try await herald.newTenant(isVerified: self.rules.isVerified)
        self.body = "Message of \(number)"
        try await self.tenant.newTwilioAccount()
        let settings = try await self.tenant.patch("/api/v1/org", self.rules.json)
        try #require(settings.status == 200, "\(settings.text)")
        for start in stride(from: 0, to: count, by: 1000) {
            let range = start..<min(start + 1000, count)
            let answer = try await self.tenant.post(
                "/api/v1/customers/batch",
                ["customers": .array(self.recipients[range].map(\.json))]
            )
            let made = answer.json["data"]?.array ?? []
            try #require(
                made.count == range.count && made.allSatisfy { $0["status"] == 201 },
                "\(answer.text.prefix(500))"
            )
            for (index, customer) in zip(range, made) {
                self.recipients[index].customerID = customer["id"]?.string ?? ""
            }
        }
        let tenant = self.tenant
        try await forEach(self.recipients.filter(\.isSuppressed).map(\.address)) { address in
            let answer = try await tenant.post("/api/v1/suppressions", ["address": .string(address), "channel": "sms"])
            try #require(answer.status == 201, "\(answer.text)")
        }
    }

    var waiting: Int { self.foretold.values.count { $0.verdict == .waits } }

    /// Some recipients say something else than before.
    mutating func changeMinds() async throws {
        var changes: [(path: String, body: JSONValue)] = []
        for index in self.recipients.indices where Int.random(in: 0..<10, using: &self.generator) == 0 {
            let purpose = RandomRecipient.Purpose.allCases.randomElement(using: &self.generator) ?? .marketing
            let status: RandomRecipient.Status = .random(using: &self.generator) ? .optedIn : .optedOut
            self.recipients[index].consents[purpose] = status
            changes.append(self.consent(of: index, purpose, status))
        }
        let tenant = self.tenant
        try await forEach(changes) { try await tenant.putConsent($0.path, $0.body) }
    }

    /// One message to each recipient, foretold by the rules and by a dry run.
    ///
    /// - Returns: where both differ, a line for each.
    mutating func send() async throws -> [String] {
        let plans = self.recipients.indices.map { index in
            let category = Shared.Category.allCases.randomElement(using: &self.generator) ?? .marketing
            return (index: index, category: category, message: self.message(to: index, category))
        }
        let dryRuns = Collected<(index: Int, verdict: RandomVerdict)>()
        let tenant = self.tenant
        try await forEach(plans) { plan in
            let answer = try await tenant.post("/api/v1/messages?dry_run=true", plan.message)
            try #require(answer.status == 200, "\(answer.text)")
            dryRuns.add((plan.index, RandomVerdict(dryRun: answer.json)))
        }
        let trials = Dictionary(uniqueKeysWithValues: dryRuns.elements.map { ($0.index, $0.verdict) })
        var faults: [String] = []
        for (plan, id) in zip(plans, try await tenant.create(plans.map(\.message))) {
            let recipient = self.recipients[plan.index]
            let verdict = self.rules.verdict(of: plan.category, to: recipient)
            if trials[plan.index] != verdict {
                faults.append("\(plan.category) to \(recipient): dry run \(trials[plan.index] as Any), not \(verdict)")
            }
            self.foretold[id] = Foretold(recipient: plan.index, category: plan.category, verdict: verdict)
            if verdict == .sent, self.rules.counts(plan.category) { self.recipients[plan.index].counted += 1 }
        }
        return faults
    }

    /// Where messages that were foretold stand otherwise, a line for each.
    func faults(in states: [String: MessageState]) -> [String] {
        self.foretold.compactMap { id, foretold in
            let verdict = states[id].map(RandomVerdict.init)
            guard verdict != foretold.verdict else { return nil }
            return
                "\(id) \(foretold.category) to \(self.recipients[foretold.recipient]): \(verdict as Any), not \(foretold.verdict)"
        }
    }

    private func message(to index: Int, _ category: Shared.Category) -> JSONValue {
        textMessage(
            to: self.recipients[index].address,
            self.body,
            channel: "sms",
            ["category": .string(category.rawValue)]
        )
    }

    private func consent(
        of index: Int,
        _ purpose: RandomRecipient.Purpose,
        _ status: RandomRecipient.Status
    ) -> (path: String, body: JSONValue) {
        (
            "/api/v1/customers/\(self.recipients[index].customerID)/consents",
            [
                "channel": "sms", "purpose": .string(purpose.rawValue), "status": .string(status.rawValue),
                "source": "test",
            ]
        )
    }
}

// MARK: - Races

extension RandomOrg {
    /// A recipient's messages at the moment in which something about them changes.
    struct Race: Sendable {
        let ids: [String]
        /// The most of them that may be sent.
        let most: Int
        /// When an opt-out was answered; none may leave a second after it.
        let answered: Timestamp?
    }

    /// Recipients who opt out while marketing is created for them, and others who get more at once than their cap allows.
    ///
    /// What was foretold of them holds no longer: no round follows.
    mutating func race(_ count: Int) async throws -> [Race] {
        let runners = self.recipients.indices.filter {
            self.rules.verdict(of: .marketing, to: self.recipients[$0]) == .sent
        }
        .shuffled(using: &self.generator).prefix(count)
        let races = Collected<Race>()
        let tenant = self.tenant
        let plans = runners.enumerated().map { number, index in
            (
                messages: (0..<4).map { _ in self.message(to: index, .marketing) },
                most: min(4, self.rules.cap.map { max(0, $0 - self.recipients[index].counted) } ?? 4),
                optOut: number % 2 == 0 ? self.consent(of: index, .marketing, .optedOut) : nil
            )
        }
        try await forEach(plans) { plan in
            async let ids = tenant.create(plan.messages)
            var answered: Timestamp?
            if let optOut = plan.optOut {
                try await tenant.putConsent(optOut.path, optOut.body)
                answered = .now
            }
            races.add(Race(ids: try await ids, most: plan.most, answered: answered))
        }
        return races.elements
    }
}

extension API {
    fileprivate func putConsent(_ path: String, _ body: JSONValue) async throws {
        let answer = try await self.send(.PUT, path, body.bytes, [:])
        try #require(answer.status == 200, "\(answer.text)")
    }
}

/// Works on all of them, 32 at once.
func forEach<Element: Sendable>(
    _ elements: [Element],
    _ work: @escaping @Sendable (Element) async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        for (index, element) in elements.enumerated() {
            if index >= 32 { try await tasks.next() }
            tasks.addTask { try await work(element) }
        }
        try await tasks.waitForAll()
    }
}
