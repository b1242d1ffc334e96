import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The clock of a sandbox organization: hours are over in the time that their attempts take.
@Suite(.messaging, .timeLimit(.minutes(5))) struct AdvanceClockTests {
    private static let error = ProviderError(code: "30008", detail: "Unknown error.")
    /// The delays of the preset together: 7 h 21 min, exact in a sandbox.
    private static let wholeOutbox = Duration.seconds(26_460)

    /// By itself it takes some fifty milliseconds; beside hundreds of other tests more.
    @Test func aScheduleOfSevenHoursIsOverInTheTimeOfItsAttempts() async throws {
        let fixture = try await self.sandbox()
        let id = try await fixture.send()
        let start = ContinuousClock.now
        let reading = try await self.advance(by: Self.wholeOutbox, fixture)
        #expect(start.duration(to: .now) < .seconds(20))
        #expect(reading.steps == 5)
        try await self.expectSixAttempts(of: id, fixture)
    }

    private func expectSixAttempts(of id: MessageID, _ fixture: MessagingFixture) async throws {
        let message = try await fixture.row(
            "SELECT status::text, attempt_count, created_at, failed_at FROM messages WHERE id = \(id)"
        )
        #expect(try message.get("status") == "failed")
        #expect(try message.get("attempt_count") == 6)
        let starts: [Timestamp] = try await fixture.rows(
            "SELECT started_at FROM attempts WHERE message_id = \(id) ORDER BY number"
        ).map { try $0.get("started_at") }
        #expect(starts.count == 6)
        // By the organization's clock the delays are those of the policy, with their jitter.
        for (delay, (before, after)) in zip([60, 300, 900, 3600, 21_600], zip(starts, starts.dropFirst())) {
            let wait = after - before
            #expect(
                wait >= .seconds(delay) * 0.8 && wait <= .seconds(delay) * 1.2 + .seconds(30),
                "\(wait) for \(delay) s"
            )
        }
        #expect(try message.get("failed_at", as: Timestamp.self) >= starts[5])
    }

    @Test func nobodyElsesClockMoves() async throws {
        let fixture = try await self.sandbox()
        let live = try MessagingFixture()
        let later = Timestamp.now + .seconds(60)
        let waiting = try await live.send("x", to: "+15550000001", ["scheduled_at": .string("\(later)")])
        let failed = try await live.send("y", to: "+15550000002")
        let lease = try #require(try await live.leaseNow().first)
        try await live.tell(.failedTransiently(Self.error, retryAfter: nil), of: lease)
        let before = try await (live.queued(waiting), live.queued(failed), live.lane(of: failed))
        try await fixture.send()
        _ = try await self.advance(by: .seconds(86_400 * 30), fixture)
        let after = try await (live.queued(waiting), live.queued(failed), live.lane(of: failed))
        #expect(after.0 == before.0)
        #expect(after.1 == before.1)
        #expect(after.2 == before.2)
        #expect(try await live.offerAndLease().isEmpty)
    }

    @Test func aLiveOrganizationHasNoClockToMove() async throws {
        let fixture = try MessagingFixture()
        for isKnown in [false, true] {
            if isKnown { try await self.put(isSandbox: false, fixture) }
            let problem = await #expect(throws: Problem.self) { try await self.advance(by: .seconds(1), fixture) }
            #expect(problem?.code == "not-a-sandbox")
            #expect(problem?.status == 409)
            await #expect(throws: Problem.self) { _ = try await self.clock(fixture).read(fixture.orgID) }
        }
    }

    @Test(arguments: [-1, 366 * 86_400 + 1]) func aClockGoesForwardAndAYearAtMost(seconds: Int) async throws {
        let fixture = try await self.sandbox()
        let problem = await #expect(throws: Problem.self) { try await self.advance(by: .seconds(seconds), fixture) }
        #expect(problem?.code == "clock-target-invalid")
        #expect(problem?.status == 422)
    }

    @Test func whatIsScheduledIsSentAtItsTime() async throws {
        let fixture = try await self.sandbox()
        let time = Timestamp.now + .seconds(86_400)
        let id = try await fixture.send(
            "x",
            to: "+15550000001",
            ["scheduled_at": .string("\(time)"), "retry": ["max_retries": 0]]
        )
        _ = try await self.advance(by: .seconds(86_000), fixture)
        #expect(try await fixture.status(of: id) == .scheduled)
        let reading = try await self.advance(by: .seconds(1000), fixture)
        // Less the time that the test took: the clock is moved to a time, and not by a time.
        #expect(reading.offset > .seconds(86_900) && reading.offset <= .seconds(87_000))
        let attempt = try await fixture.row("SELECT started_at FROM attempts")
        let startedAt: Timestamp = try attempt.get("started_at")
        #expect(startedAt >= time && startedAt < time + .seconds(30))
    }

    @Test func holdsEndAndMessagesExpireOnTheWay() async throws {
        let fixture = try await self.sandbox()
        let expires = Timestamp.now + .seconds(7200)
        let uncertain = try await fixture.send("uncertain", to: "+15550000001")
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(Self.error), of: lease)
        let expired = try await fixture.send(
            "x",
            to: "+15550000002",
            ["retry": ["delays": ["5h"]], "expires_at": .string("\(expires)")]
        )
        _ = try await self.advance(by: .seconds(10_000), fixture)
        #expect(try await fixture.queued(uncertain)?.state == .held)
        #expect(try await fixture.status(of: expired) == .expired)
    }

    @Test func theActIsWrittenDown() async throws {
        let fixture = try await self.sandbox()
        _ = try await self.advance(by: .seconds(60), fixture)
        #expect(try await fixture.acts(of: fixture.orgID.description) == ["advance-clock"])
    }

    /// Moves the clock beside a worker whose every attempt fails for a while.
    private func advance(by duration: Duration, _ fixture: MessagingFixture) async throws -> AdvanceClock.Reading {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    do {
                        let leases = try await fixture.ask(waitMilliseconds: 1000).leases
                        try await fixture.tell(.failedTransiently(Self.error, retryAfter: nil), of: leases)
                    } catch {
                        guard Task.isCancelled else { throw error }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await self.clock(fixture)(.by(duration), for: fixture.acting, requestID: "r")
        }
    }

    private func clock(_ fixture: MessagingFixture) -> AdvanceClock {
        AdvanceClock(
            postgres: fixture.postgres,
            sweep: SweepSandbox(change: fixture.change),
            due: fixture.due,
            clock: ContinuousClock()
        )
    }

    private func sandbox() async throws -> MessagingFixture {
        let fixture = try MessagingFixture()
        try await self.put(isSandbox: true, fixture)
        return fixture
    }

    private func put(isSandbox: Bool, _ fixture: MessagingFixture) async throws {
        let org = OrgSettingsRequest.Org(orgID: fixture.orgID, version: 1, isSandbox: isSandbox, settings: [:])
        try await fixture.rows(OrgSettingsStore.put([org]))
    }
}
