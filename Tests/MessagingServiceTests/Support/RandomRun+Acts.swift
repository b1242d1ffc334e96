import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What people do.
extension RandomRun {
    mutating func act(_ ids: [MessageID]) async throws {
        if ids.count > 1 { try await self.check() }
        let action = self.anyAction()
        self.note("\(action) \(ids.map { self.index($0) })")
        let now = Timestamp.now
        let keys = ids.map { self.fixture.key($0) }
        let effects = try await self.fixture.act(action.asJob, on: keys, by: "key:person", requestID: "r")
        try self.same(effects.map(\.answer), self.model.act(action, on: ids, now: now))
    }

    mutating func resolve() async throws {
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

    mutating func edit() async throws {
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

    mutating func job() async throws {
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
}
