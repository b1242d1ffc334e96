import InternalAPI
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// What comes back for good is told to customer-service, once.
@Suite(.messaging, .timeLimit(.minutes(5))) struct BounceTests {
    private static let hard = ProviderError(code: "smtp-550", detail: "No such user.", isHardBounce: true)
    private static let soft = ProviderError(code: "smtp-550", detail: "Not today.")

    private func send(_ fixture: MessagingFixture, to address: String = "ann@example.com") async throws -> MessageID {
        let message: JSONValue = ["to": .string(address), "channel": "email", "subject": "Hi", "body": "x"]
        return try await fixture.send(message.text)
    }

    private func tell(_ fixture: MessagingFixture, into told: Told) -> TellBounces {
        TellBounces(
            engine: fixture.engine,
            postgres: fixture.postgres,
            tell: { try told.take($0) },
            clock: ContinuousClock(),
            logger: .quiet
        )
    }

    @Test func aRefusalOfTheAddressIsToldUntilItIsHeard() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        let id = try await self.send(fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.rejected(Self.hard), of: lease)
        #expect(try await fixture.status(of: id) == .failed)
        let told = Told(failures: 1)
        let tell = self.tell(fixture, into: told)
        await #expect(throws: Problem.self) { try await tell.tellSome() }
        #expect(try await tell.tellSome() == 1)
        #expect(told.bounces == [.init(orgID: fixture.orgID, messageID: id, email: "ann@example.com")])
        #expect(try await tell.tellSome() == 0)
    }

    @Test func aReportAfterTheDeliveryIsToldToo() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.sendgrid)
        let id = try await self.send(fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "m1"), of: lease)
        for (key, status) in [
            ("1", .delivered), ("2", .failed(Self.hard, .permanent)), ("2", .failed(Self.hard, .permanent)),
        ]
            as [(String, ProviderReport.Status)]
        {
            let report = ProviderReport(
                eventKey: key,
                reference: lease.reference,
                providerMessageID: "m1",
                status: status,
                occurredAt: .now
            )
            _ = try await fixture.apply([.init(orgID: fixture.orgID, accountID: account, report: report)])
        }
        #expect(try await fixture.status(of: id) == .failed)
        let told = Told()
        #expect(try await self.tell(fixture, into: told).tellSome() == 1)
        #expect(told.bounces.map(\.messageID) == [id])
    }

    @Test func whatSaysNothingOfTheAddressIsNotTold() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        try await fixture.account(.twilio)
        _ = try await self.send(fixture)
        _ = try await fixture.send(#"{"to": "+14155550100", "channel": "sms", "body": "x"}"#)
        for lease in try await fixture.leaseNow() {
            let error = lease.channel == .sms ? Self.hard : Self.soft
            try await fixture.tell(.rejected(error), of: lease)
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages WHERE status = 'failed'") == 2)
        let told = Told()
        #expect(try await self.tell(fixture, into: told).tellSome() == 0)
    }

    @Test func whoWasErasedMeanwhileIsNotTold() async throws {
        let fixture = try MessagingFixture()
        try await fixture.account(.smtp)
        let id = try await self.send(fixture)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.rejected(Self.hard), of: lease)
        try await fixture.rows(
            "UPDATE messages SET recipient = \(Erased.text), content = '{}', erased_at = now() WHERE id = \(id)"
        )
        let told = Told()
        #expect(try await self.tell(fixture, into: told).tellSome() == 1)
        #expect(told.bounces.isEmpty)
    }
}

/// A customer-service that is away for some calls, and remembers what it was told.
private final class Told: Sendable {
    private let state: Mutex<(failures: Int, bounces: [CustomerAPI.Bounce])>

    init(failures: Int = 0) {
        self.state = Mutex((failures, []))
    }

    var bounces: [CustomerAPI.Bounce] { self.state.withLock { $0.bounces } }

    func take(_ bounces: [CustomerAPI.Bounce]) throws {
        try self.state.withLock { state in
            if state.failures > 0 {
                state.failures -= 1
                throw Problem.unavailable
            }
            state.bounces += bounces
        }
    }
}
