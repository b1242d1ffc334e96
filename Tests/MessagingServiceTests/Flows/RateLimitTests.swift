import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The limits of an account, which hold for all workers and replicas together.
@Suite(.messaging, .timeLimit(.minutes(5))) struct RateLimitTests {
    @Test func twoReplicasTogetherNeverSendMoreThanTheBucketHas() async throws {
        let (rate, burst) = (100.0, 10)
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, ["rate_per_second": 100, "burst": 10])
        try await fixture.sendBatch(300)
        let replica = fixture.replica()
        try await fixture.offer(to: replica.due)
        let taken = Tally()
        let start = ContinuousClock.now
        try await fixture.withTimers(of: [replica.due]) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<4 {
                    let lease = number.isMultiple(of: 2) ? fixture.lease : replica.lease
                    // For this the bucket has to be filled again several times, however long that takes.
                    group.addTask { try await Self.take(number, fixture, of: lease, until: 6 * burst, taken) }
                }
                try await group.waitForAll()
            }
        }
        let elapsed = start.duration(to: .now) / .seconds(1)
        #expect(Double(taken.count) <= Double(burst) + rate * elapsed)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox WHERE state = 'leased'") == taken.count)
    }

    /// Leases as one worker of several until all of them together have `most`.
    private static func take(
        _ number: Int,
        _ fixture: MessagingFixture,
        of lease: LeaseMessages,
        until most: Int,
        _ taken: Tally
    ) async throws {
        let worker = MessagingAPI.WorkerIdentity(name: "w\(number)", incarnation: 1)
        while taken.count < most {
            // Without one that failed it may never be so many.
            try Task.checkCancellation()
            taken.add(try await fixture.ask(waitMilliseconds: 10, worker: worker, of: lease).leases.count)
        }
    }

    @Test func theBucketIsEmptiedAtOnceAndThenDripByDrip() async throws {
        let fixture = try MessagingFixture()
        // So slow that nothing drips by itself while the test runs.
        let rate = try #require(JSONNumber("0.01"))
        try await fixture.account(.sandbox, ["rate_per_second": .number(rate), "burst": 3])
        try await fixture.sendBatch(10)
        #expect(try await fixture.leaseNow().count == 3)
        #expect(try await fixture.offerAndLease().isEmpty)
        #expect(try await fixture.flow().tokens < 1)
        try await fixture.rows("UPDATE account_flows SET refilled_at = refilled_at - interval '100 seconds'")
        #expect(try await fixture.offerAndLease().count == 1)
        #expect(try await fixture.offerAndLease().isEmpty)
    }

    /// A worker never holds what it may not send: an account that must wait is asked again at its time.
    @Test func anAccountThatMustWaitComesBackByItself() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, ["rate_per_second": 20, "burst": 1])
        try await fixture.sendBatch(5)
        let leases = try await fixture.withTimers {
            var leases: [MessagingAPI.Lease] = []
            while leases.count < 5 { leases += try await fixture.ask(waitMilliseconds: 1000).leases }
            return leases
        }
        #expect(Set(leases.map(\.messageID)).count == 5)
    }

    @Test func noMoreAreInFlightThanTheAccountTakes() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, ["max_in_flight": 3])
        try await fixture.sendBatch(10)
        var leases = try await fixture.leaseNow()
        #expect(leases.count == 3)
        #expect(try await fixture.offerAndLease().isEmpty)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: leases.removeFirst())
        #expect(try await fixture.offerAndLease().count == 1)
        #expect(try await fixture.offerAndLease().isEmpty)
        // One that waits for evidence is in nobody's hands.
        try await fixture.tell(.uncertain(ProviderError(code: "timeout", detail: "No answer.")), of: leases[0])
        #expect(try await fixture.offerAndLease().count == 1)
    }

    @Test func ofTwoReplicasAtOnceNeitherPassesTheCap() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, ["max_in_flight": 3])
        try await fixture.sendBatch(300)
        let replica = fixture.replica()
        let workers = (0..<2).map { MessagingAPI.WorkerIdentity(name: "w\($0)", incarnation: 1) }
        for _ in 0..<40 {
            try await fixture.offer()
            try await fixture.offer(to: replica.due)
            async let first = fixture.ask(worker: workers[0]).leases
            async let second = fixture.ask(worker: workers[1], of: replica.lease).leases
            let leases = try await first + second
            #expect(leases.count <= 3)
            try await fixture.tell(.accepted(providerMessageID: "SM"), of: leases)
        }
    }

    @Test func eachAccountHasItsOwnLimit() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.sandbox, ["rate_per_second": 1, "burst": 1])
        try await fixture.account(.http, ["rate_per_second": 2, "burst": 2])
        for number in 0..<3 {
            try await fixture.send("\(number)", to: "+1555000000\(number)")
            try await fixture.send("\(number)", to: "user-\(number)", ["channel": "webhook"])
        }
        let leases = try await fixture.leaseNow(slots: 20)
        #expect(leases.filter { $0.channel == .sandbox }.count == 1)
        #expect(leases.filter { $0.channel == .webhook }.count == 2)
    }
}
