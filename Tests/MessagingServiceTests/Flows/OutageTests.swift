import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// A provider that is away, and comes back.
@Suite(.messaging) struct OutageTests {
    private let failure = SendOutcome.failedTransiently(
        ProviderError(code: "connection-refused", detail: "Nobody listens."),
        retryAfter: nil
    )

    @Test func twentyFailuresInARowCloseTheGate() async throws {
        let fixture = try await self.fixture(messages: 25)
        let leases = try await fixture.leaseNow(slots: 20)
        for lease in leases.dropLast() { try await fixture.tell(self.failure, of: lease) }
        #expect(try await fixture.flow().gate == .open)
        #expect(try await fixture.flow().failures == 19)
        try await fixture.tell(self.failure, of: try #require(leases.last))
        #expect(try await fixture.flow().gate == .outage)
        #expect(try await fixture.offerAndLease().isEmpty)
        #expect(try await self.acts(fixture) == ["outage-began"])
        // Nothing is lost by it: five were not even tried.
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 25)
    }

    @Test func anAnswerInBetweenKeepsItOpen() async throws {
        let fixture = try await self.fixture(messages: 40)
        let leases = try await fixture.leaseNow(slots: 40)
        for (number, lease) in leases.enumerated() {
            let isAnswer = number % 10 == 9
            try await fixture.tell(isAnswer ? .accepted(providerMessageID: "SM\(number)") : self.failure, of: lease)
        }
        #expect(try await fixture.flow().gate == .open)
        #expect(try await self.acts(fixture).isEmpty)
    }

    /// Failures that lie in the message, or are played by the sandbox, say nothing about the provider.
    @Test(arguments: ["30003", "30008", "131053", "sandbox-timeout"])
    func whatLiesInTheMessageIsNoOutage(code: String) async throws {
        let fixture = try await self.fixture(messages: 25)
        let leases = try await fixture.leaseNow(slots: 25)
        let error = ProviderError(code: code, detail: "Unreachable.")
        for lease in leases { try await fixture.tell(.failedTransiently(error, retryAfter: nil), of: lease) }
        #expect(try await fixture.flow().gate == .open)
        #expect(try await fixture.flow().failures == 0)
    }

    @Test func oneAtATimeTriesWhetherItIsBack() async throws {
        let fixture = try await self.inOutage(others: 10)
        #expect(try await fixture.offerAndLease().isEmpty)
        let first = try await self.probe(fixture)
        #expect(try await fixture.offerAndLease().isEmpty)
        try await fixture.tell(self.failure, of: first)
        #expect(try await fixture.flow().gate == .outage)
        _ = try await self.probe(fixture)
        #expect(try await fixture.flow().probes == 2)
    }

    @Test func whenItIsBackMoreAndMoreGoAtOnce() async throws {
        let fixture = try await self.inOutage(others: 80)
        try await fixture.tell(.accepted(providerMessageID: "SM"), of: try await self.probe(fixture))
        #expect(try await fixture.flow().gate == .recovering)
        var counts: [Int] = []
        while try await fixture.flow().gate == .recovering {
            let room = Int(try await fixture.flow().ramp)
            let leases = try await fixture.offerAndLease(slots: 100) + fixture.offerAndLease(slots: 100)
            // Each answer makes room for another one.
            #expect((1...room).contains(leases.count))
            counts.append(leases.count)
            try #require(counts.count < 20)
            try await fixture.tell(.accepted(providerMessageID: "SM"), of: leases)
        }
        #expect(counts == counts.sorted())
        #expect(try await fixture.flow().gate == .open)
        #expect(try await self.acts(fixture) == ["outage-began", "outage-ended"])
    }

    @Test func whileItRecoversRepetitionsAreFewAndFirstSendsAreNot() async throws {
        let fixture = try await self.inOutage(others: 40)
        try await fixture.rows("UPDATE outbox SET due_at = now() WHERE epoch > 0")
        try await fixture.sweep.placeDue()
        try await fixture.tell(.accepted(providerMessageID: "SM"), of: try await self.probe(fixture))
        try await fixture.rows("UPDATE account_flows SET ramp = 20, retry_credit = 3, refilled_at = clock_timestamp()")
        let leases = try await fixture.offerAndLease(slots: 100)
        #expect(leases.count == 20)
        // A second more, when the test was slow, earns another.
        #expect((3...4).contains(leases.filter { $0.reference.number > 1 }.count))
    }

    @Test func whoFailsWhileRecoveringIsInOutageAgain() async throws {
        let fixture = try await self.inOutage(others: 10)
        try await fixture.tell(.accepted(providerMessageID: "SM"), of: try await self.probe(fixture))
        let leases = try await fixture.offerAndLease()
        #expect(!leases.isEmpty)
        try await fixture.tell(self.failure, of: leases)
        #expect(try await fixture.flow().gate == .outage)
        // One outage, that was not over.
        #expect(try await self.acts(fixture) == ["outage-began"])
    }

    /// Messages whose next attempt is long in coming.
    private func fixture(messages: Int) async throws -> MessagingFixture {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(messages, ["retry": ["delays": ["1h", "1h"]]])
        return fixture
    }

    /// Twenty failed, and others were not tried yet.
    private func inOutage(others: Int) async throws -> MessagingFixture {
        let fixture = try await self.fixture(messages: 20 + others)
        try await fixture.tell(self.failure, of: try await fixture.leaseNow(slots: 20))
        #expect(try await fixture.flow().gate == .outage)
        return fixture
    }

    private func probe(_ fixture: MessagingFixture) async throws -> MessagingAPI.Lease {
        try await fixture.rows("UPDATE account_flows SET probe_at = now() - interval '1 second'")
        let leases = try await fixture.offerAndLease()
        #expect(leases.count == 1)
        return try #require(leases.first)
    }

    private func acts(_ fixture: MessagingFixture) async throws -> [String] {
        let id: AccountID = try await fixture.row("SELECT id FROM channel_accounts").get("id")
        return try await fixture.acts(of: id.description)
    }
}
