import HTTPService
import InternalAPI
import Postgres
import Secrets
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// A person asks, a worker answers, and the account shows what it said.
@Suite(.messaging) struct CheckAccountTests {
    @Test func theAnswerOfAWorkerIsTheAnswerOfTheRequest() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        let clock = HeldClock()
        defer { clock.release() }
        async let asked = fixture.check(id, clock: clock)
        let question = try await fixture.question()
        #expect(question.orgID == fixture.orgID)
        #expect(question.account.id == id)
        #expect(question.account.provider == .twilio)
        // Nobody else gets it meanwhile.
        #expect(try await fixture.takeChecks(atMost: 4).isEmpty)
        let error = ProviderError(code: "20003", detail: "Authenticate")
        try await fixture.tell(.refused(error), of: question)
        clock.release()
        let check = try await asked
        #expect(check.status == .refused)
        #expect(check.json["code"] == "20003")
        #expect(check.json["detail"] == "Authenticate")
        #expect(check.json["checked_at"]?.string != nil)
        #expect(try await fixture.lastCheck(of: id) == check.json)
        #expect(try await fixture.acts(of: id.description) == ["check"])
    }

    @Test func withoutAWorkerItIsPendingAndAnsweredLater() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        let check = try await fixture.check(id)
        #expect(check.status == nil)
        #expect(check.json["status"] == "pending")
        let refusal = await #expect(throws: Problem.self) { try await fixture.check(id) }
        #expect(refusal?.code == "check-in-progress")
        #expect(refusal?.retryAfterSeconds == 1)
        try await fixture.tell(.ok("good"), of: try await fixture.question())
        #expect(try await fixture.lastCheck(of: id)?["status"] == "ok")
        #expect(try await fixture.check(id).status == nil)
    }

    @Test func aCheckThatNobodyAnsweredIsInTheWayForHalfAMinute() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        _ = try await fixture.check(id)
        let late = try await fixture.question()
        try await fixture.rows("UPDATE account_checks SET asked_at = asked_at - interval '31 seconds'")
        _ = try await fixture.check(id)
        // What is told of the one before is of no account.
        try await fixture.tell(.ok("good"), of: late)
        #expect(try await fixture.lastCheck(of: id)?["status"] == "pending")
        #expect(try await fixture.question().id != late.id)
    }

    @Test func aWorkerThatDiesIsFollowedByAnotherThreeTimesInAll() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        _ = try await fixture.check(id)
        for _ in 0..<CheckStore.tries {
            _ = try await fixture.question()
            #expect(try await fixture.takeChecks(atMost: 4).isEmpty)
            try await fixture.rows("UPDATE account_checks SET taken_until = now() - interval '1 second'")
        }
        #expect(try await fixture.takeChecks(atMost: 4).isEmpty)
    }

    @Test func anAnswerCountsOnce() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        _ = try await fixture.check(id)
        let question = try await fixture.question()
        try await fixture.tell(.ok("good"), of: question)
        let first = try await fixture.lastCheck(of: id)
        try await fixture.tell(.unreachable(ProviderError(code: "timeout", detail: "Late.")), of: question)
        #expect(try await fixture.lastCheck(of: id) == first)
    }

    @Test func newCredentialsForgetWhatWasFoundOfTheOld() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        let clock = HeldClock()
        defer { clock.release() }
        let asked = Task { try await fixture.check(id, clock: clock) }
        let question = try await fixture.question()
        let update = UpdateAccount(postgres: fixture.postgres, secrets: fixture.secrets)
        _ = try await update(["name": "other"], of: id, for: fixture.acting, requestID: "r")
        #expect(try await fixture.lastCheck(of: id)?["status"] == "pending")
        let change: JSONValue = ["credentials": ["account_sid": "AC2", "auth_token": "new", "from": "+15017122661"]]
        _ = try await update(change, of: id, for: fixture.acting, requestID: "r")
        try await fixture.tell(.ok("good"), of: question)
        clock.release()
        let refusal = await #expect(throws: Problem.self) { _ = try await asked.value }
        #expect(refusal?.code == "account-changed")
        #expect(try await fixture.lastCheck(of: id) == .null)
    }

    @Test func whoMayNotAskIsTold() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.account(.twilio)
        let test = Acting(orgID: fixture.orgID, actor: "key:1", mode: .test)
        let stranger = Acting(orgID: .new(), actor: "key:1", mode: .live)
        for (acting, code) in [(test, "test-key"), (stranger, "not-found")] {
            let refusal = await #expect(throws: Problem.self) { try await fixture.check(id, as: acting) }
            #expect(refusal?.code == code)
        }
        #expect(try await fixture.takeChecks(atMost: 4).isEmpty)
        #expect(try await fixture.lastCheck(of: id) == .null)
    }

    /// Many organizations' checks go out together, as many as the worker has room for.
    @Test func eachHeartbeatTakesWhatItHasRoomFor() async throws {
        let fixtures = try (0..<3).map { _ in try MessagingFixture() }
        for fixture in fixtures { _ = try await fixture.check(try await fixture.account(.twilio)) }
        #expect(try await fixtures[0].takeChecks(atMost: 0).isEmpty)
        let first = try await fixtures[0].takeChecks(atMost: 2)
        let second = try await fixtures[0].takeChecks(atMost: 2)
        #expect(first.count == 2)
        #expect(Set((first + second).map(\.orgID)) == Set(fixtures.map(\.orgID)))
    }
}

extension MessagingFixture {
    fileprivate var takeChecks: TakeChecks {
        TakeChecks(engine: self.engine, postgres: self.postgres, secrets: self.secrets, logger: .quiet)
    }

    /// Asks, and waits until a worker answered, or as often as a request of ten seconds looks.
    fileprivate func check(
        _ id: AccountID,
        as acting: Acting? = nil,
        clock: any Clock<Duration> = ShortClock()
    ) async throws -> StoredCheck {
        let check = CheckAccount(postgres: self.postgres, secrets: self.secrets, clock: clock)
        return try await check(id, for: acting ?? self.acting, requestID: "r")
    }

    /// The one check that a worker can have.
    fileprivate func question() async throws -> MessagingAPI.CheckQuestion {
        var questions: [MessagingAPI.CheckQuestion] = []
        for _ in 0..<1000 where questions.isEmpty { questions = try await self.takeChecks(atMost: 4) }
        return try #require(questions.first)
    }

    fileprivate func tell(_ check: CredentialCheck, of question: MessagingAPI.CheckQuestion) async throws {
        let finding = MessagingAPI.CheckFinding(
            orgID: question.orgID,
            accountID: question.account.id,
            id: question.id,
            check: check
        )
        try await self.postgres.transaction(for: [question.orgID]) { connection in
            _ = try connection.query(CheckStore.end(finding))
        }
    }

    fileprivate func lastCheck(of id: AccountID) async throws -> JSONValue? {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try AccountStore.find(id, of: self.orgID, on: connection)?.json["last_check"]
        }
    }
}

/// A clock of which a hundred sleeps take half a second.
private struct ShortClock: Clock {
    typealias Duration = Swift.Duration
    typealias Instant = ContinuousClock.Instant

    var now: Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await ContinuousClock().sleep(for: min(.milliseconds(5), ContinuousClock.now.duration(to: deadline)))
    }
}

/// A clock of which all sleeps last until it is released, and none after that.
private final class HeldClock: Clock {
    typealias Duration = Swift.Duration
    typealias Instant = ContinuousClock.Instant

    private let isReleased = Atomic(false)

    var now: Instant { .now }
    var minimumResolution: Duration { .zero }

    func release() {
        self.isReleased.store(true, ordering: .relaxed)
    }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try await eventually { self.isReleased.load(ordering: .relaxed) }
    }
}
