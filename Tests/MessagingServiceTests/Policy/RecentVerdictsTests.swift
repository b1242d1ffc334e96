import InternalAPI
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// Who leaves at once is not asked about a second time.
@Suite(.messaging, .timeLimit(.minutes(5))) struct RecentVerdictsTests {
    private final class PlayedTime: Sendable {
        private let time = Mutex(ContinuousClock.now)

        var now: ContinuousClock.Instant { self.time.withLock(\.self) }

        func advance(by duration: Duration) { self.time.withLock { $0 += duration } }
    }

    /// Messages are asked about by the real clock, which the played one stays behind until it is moved.
    private func fixture(_ policy: PlayedPolicy, _ time: PlayedTime) throws -> MessagingFixture {
        try MessagingFixture(checkPolicy: policy.ask, recent: RecentVerdicts { time.now })
    }

    @Test func whatIsLeasedAtOnceIsNotAskedAboutAgain() async throws {
        let (policy, time) = (PlayedPolicy(.allowed), PlayedTime())
        let fixture = try self.fixture(policy, time)
        let id = try await fixture.send()
        let leases = try await fixture.leaseNow()
        #expect(leases.map(\.reference.messageID) == [id])
        #expect(policy.stages == [.creation])
    }

    @Test func whatIsLeasedLaterIsAskedAboutAgain() async throws {
        let (policy, time) = (PlayedPolicy(.allowed), PlayedTime())
        let fixture = try self.fixture(policy, time)
        try await fixture.send()
        time.advance(by: RecentVerdicts.age + .seconds(10))
        policy.set { _ in .blocked(.optedOut) }
        #expect(try await fixture.leaseNow().isEmpty)
        #expect(policy.stages == [.creation, .sending])
    }

    /// Of marketing quiet hours are asked, and of what is counted the count.
    @Test(arguments: [
        ("marketing", SendingRules(cap: nil)),
        ("transactional", SendingRules(cap: 30, transactionalBypassesCap: false)),
    ])
    func whatMayHaveToWaitIsAskedAboutAgain(category: String, rules: SendingRules) async throws {
        let (policy, time) = (PlayedPolicy(.allowed), PlayedTime())
        let fixture = try self.fixture(policy, time)
        try await fixture.rows(
            "INSERT INTO org_settings (org_id, rules) VALUES (\(fixture.orgID), \(rules.stored)::json)"
        )
        try await fixture.send("1", to: "+15550000001", ["category": .string(category)])
        #expect(try await fixture.leaseNow().count == 1)
        #expect(policy.stages == [.creation, .sending])
    }

    /// What it says to a worker holds for a verdict of either question.
    @Test func aLeaseIsFreshNoLongerThanItsOldestVerdict() async throws {
        let (policy, time) = (PlayedPolicy(.allowed), PlayedTime())
        let fixture = try self.fixture(policy, time)
        try await fixture.send()
        let asked = ContinuousClock.now
        let lease = try #require(try await fixture.leaseNow().first)
        let passed = Int(asked.duration(to: .now).milliseconds)
        let least = Int((PolicyGate.freshness - RecentVerdicts.age).milliseconds)
        #expect((least...least + passed).contains(lease.freshMilliseconds))
    }

    /// What nobody asks for any more goes with the next ones.
    @Test func onlyTheLastMomentsAreRemembered() async throws {
        let time = PlayedTime()
        let recent = RecentVerdicts { time.now }
        let fixture = try MessagingFixture(recent: recent)
        for _ in 0..<3 { try await fixture.send() }
        #expect(recent.count == 3)
        time.advance(by: .seconds(10))
        try await fixture.send()
        #expect(recent.count == 0)
    }
}
