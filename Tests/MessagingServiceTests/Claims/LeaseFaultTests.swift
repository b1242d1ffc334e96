import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Leases when something is wrong with a worker, an account, or this process itself.
@Suite(.messaging) struct LeaseFaultTests {
    @Test func anAccountThatCanNotBeLeasedHoldsUpNobodyElse() async throws {
        let fixture = try MessagingFixture()
        let broken = OrgID.new()
        try await fixture.send(as: broken)
        let good = try await fixture.send()
        // Credentials that were sealed for another place do not open.
        _ = try await fixture.postgres.transaction(for: [broken]) { connection in
            try connection.query("UPDATE channel_accounts SET credentials = '\\x00'")
        }
        var leased: [MessageID] = []
        for _ in 0..<3 { leased += try await fixture.leaseNow().map(\.messageID) }
        #expect(leased == [good])
        #expect(try await fixture.row("SELECT state::text FROM outbox", as: broken).get("state") == "ready")
    }

    @Test func aWorkerOfAnEarlierLifeIsToldSo() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.leaseNow(worker: .init(name: "w", incarnation: 2))
        let problem = await #expect(throws: Problem.self) {
            try await fixture.leaseNow(worker: .init(name: "w", incarnation: 1))
        }
        #expect(problem?.status == 409)
    }

    @Test(.timeLimit(.minutes(5))) func aPollOfADeadWorkerLeavesTheWorkToOthers() async throws {
        let fixture = try MessagingFixture()
        let (dead, living) = (
            MessagingAPI.WorkerIdentity(name: "w", incarnation: 1),
            MessagingAPI.WorkerIdentity(name: "w", incarnation: 2)
        )
        let poll = Task { try await fixture.ask(slots: 1, waitMilliseconds: 20_000, worker: dead) }
        try await eventually {
            try await fixture.count("SELECT count(*) AS count FROM workers WHERE name = 'w'") == 1
        }
        _ = try await fixture.leaseNow(worker: living)
        let id = try await fixture.send()
        #expect(try await poll.value.leases.isEmpty)
        let taken = try await fixture.ask(slots: 1, waitMilliseconds: 20_000, worker: living)
        #expect(taken.leases.map(\.messageID) == [id])
    }

    @Test(.timeLimit(.minutes(5))) func aPollThatItsWorkerHasGivenUpLeavesTheWorkToItsNext() async throws {
        let fixture = try MessagingFixture()
        let poll = Task { try await fixture.ask(slots: 1, waitMilliseconds: 20_000) }
        try await eventually {
            try await fixture.count("SELECT count(*) AS count FROM workers WHERE last_call = 1") == 1
        }
        #expect(try await fixture.leaseNow().isEmpty)
        let id = try await fixture.send()
        #expect(try await poll.value.leases.isEmpty)
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
    }

    @Test func forAWorkerThatHungUpNothingIsClaimed() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        let request = MessagingAPI.LeaseRequest(
            worker: fixture.worker,
            slots: 10,
            waitMilliseconds: 0,
            call: fixture.calls.next(of: fixture.worker),
            received: 0,
            suspects: 1
        )
        #expect(try await fixture.lease(request) { false }.leases.isEmpty)
        #expect(try await fixture.status(of: id) == .queued)
        #expect(try await fixture.leaseNow().map(\.messageID) == [id])
    }

    @Test func afterAPauseNobodyIsCalledDeadForBeingSilent() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE workers SET beat_at = now() - interval '1 hour'")
        }
        let start = ContinuousClock.now
        let endLeases = EndLeases(
            engine: fixture.engine,
            settle: fixture.settle,
            pace: SharedPace(free: .seconds(600)),
            now: start
        )
        // Rounds each second: the first after a start, and those after this process stood still for a while.
        for second in [0, 1, 4, 7] { #expect(try await endLeases(now: start + .seconds(second)) == 0) }
        for second in [60, 61, 63, 66] { #expect(try await endLeases(now: start + .seconds(second)) == 0) }
        #expect(try await endLeases(now: start + .seconds(69)) == 1)
    }

    @Test func anUncertainMessageIsResentAsOftenAsItsPolicyHasAttempts() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend", "retry": {"max_retries": 2}}"#
        )
        var sends = 0
        for _ in 0..<5 {
            guard let lease = try await fixture.leaseNow().first else { break }
            sends += 1
            try await fixture.tell(.uncertain(ProviderError(code: "timeout", detail: "No answer.")), of: lease)
            try await fixture.sweep.releaseUncertain()
        }
        #expect(sends == 3)
        #expect(try await fixture.status(of: id) == .uncertain)
        #expect(try await fixture.row("SELECT state::text FROM outbox").get("state") == "held")
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts WHERE retry_at IS NOT NULL") == 2)
    }
}
