import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// Leases when something is wrong with a worker, a lane, or this process itself.
@Suite(.messaging) struct LeaseFaultTests {
    @Test func aLaneThatCanNotBeLeasedHoldsUpNobodyElse() async throws {
        let fixture = try MessagingFixture()
        let broken = OrgID.new()
        try await fixture.send(as: broken)
        let good = try await fixture.send()
        // Credentials that were sealed for another place do not open.
        _ = try await fixture.postgres.transaction(for: [broken]) { connection in
            try connection.query("UPDATE channel_accounts SET credentials = '\\x00'")
        }
        var leased: [MessageID] = []
        for _ in 0..<3 { leased += try await fixture.leaseNow().map(\.reference.messageID) }
        #expect(leased == [good])
        #expect(try await fixture.row("SELECT state::text FROM outbox", as: broken).get("state") == "queued")
    }

    @Test func aWorkerOfAnEarlierLifeIsToldSo() async throws {
        let fixture = try MessagingFixture()
        _ = try await fixture.leaseNow(worker: .init(name: "w", incarnation: 2))
        let problem = await #expect(throws: Problem.self) {
            try await fixture.leaseNow(worker: .init(name: "w", incarnation: 1))
        }
        #expect(problem?.status == 409)
    }

    @Test(.timeLimit(.minutes(1))) func aPollOfADeadWorkerLeavesTheWorkToOthers() async throws {
        let fixture = try MessagingFixture()
        let lease = fixture.lease
        let dead = Task {
            try await lease(.init(worker: .init(name: "w", incarnation: 1), slots: 1, waitMilliseconds: 20_000))
        }
        try await eventually {
            try await fixture.count("SELECT count(*) AS count FROM workers WHERE name = 'w'") == 1
        }
        _ = try await fixture.leaseNow(worker: .init(name: "w", incarnation: 2))
        let id = try await fixture.send()
        #expect(try await dead.value.leases.isEmpty)
        let taken = try await lease(.init(worker: .init(name: "w", incarnation: 2), slots: 1, waitMilliseconds: 20_000))
        #expect(taken.leases.map(\.reference.messageID) == [id])
    }

    @Test func afterAPauseNobodyIsCalledDeadForBeingSilent() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        _ = try await fixture.leaseNow()
        try await fixture.postgres.run { connection in
            _ = try connection.query("UPDATE workers SET beat_at = now() - interval '1 hour'")
        }
        let start = ContinuousClock.now
        let endLeases = EndLeases(engine: fixture.engine, settle: fixture.settle, now: start)
        // Rounds each second: the first after a start, and those after this process stood still for a while.
        for second in [0, 1, 4, 7] { #expect(try await endLeases(now: start + .seconds(second)) == 0) }
        for second in [60, 61, 63, 66] { #expect(try await endLeases(now: start + .seconds(second)) == 0) }
        #expect(try await endLeases(now: start + .seconds(69)) == 1)
    }

    @Test func whatLosesThreeWorkersInARowIsHeld() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        for incarnation in 1...3 {
            let worker = MessagingAPI.WorkerIdentity(name: fixture.worker.name, incarnation: Int64(incarnation))
            #expect(try await fixture.leaseNow(worker: worker).map(\.reference.number) == [incarnation])
        }
        let last = MessagingAPI.WorkerIdentity(name: fixture.worker.name, incarnation: 4)
        #expect(try await fixture.leaseNow(worker: last).isEmpty)
        #expect(try await fixture.status(of: id) == .uncertain)
    }

    @Test func anUncertainMessageIsResentAsOftenAsItsPolicyHasAttempts() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend", "retry": {"max_retries": 2}}"#
        )
        let release = ReleaseUncertain(engine: fixture.engine, postgres: fixture.postgres, due: fixture.due)
        var sends = 0
        for _ in 0..<5 {
            guard let lease = try await fixture.leaseNow().first else { break }
            sends += 1
            try await fixture.tell(.uncertain(ProviderError(code: "timeout", detail: "No answer.")), of: lease)
            try await release()
        }
        #expect(sends == 3)
        #expect(try await fixture.status(of: id) == .uncertain)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts WHERE retry_at IS NOT NULL") == 2)
    }
}
