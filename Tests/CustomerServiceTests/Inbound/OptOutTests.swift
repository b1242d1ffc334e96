import CustomerService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// Links and complaints end marketing, and nothing else.
@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct OptOutTests {
    private let email = Address(kind: .email, value: "ann@example.com")

    @Test(arguments: OptOut.Source.allCases) func itEndsMarketingWithItsMessageAsProof(source: OptOut.Source)
        async throws
    {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let id = try await tenant.customer(#"{"identities":[{"kind":"email","value":"ann@example.com"}]}"#)
            let messageID = MessageID.new()
            let item = Self.item(tenant.orgID, self.email, source, messageID)
            let received = try await service.api.receive([item])
            #expect(received.map(\.customerID.description) == [id])
            // Repeating it changes nothing.
            #expect(try await service.api.receive([item]) == received)
            let history = try await tenant(.GET, "/customers/\(id)/consents/history").data
            #expect(history.count == 1)
            #expect(history[0]["channel"] == "email" && history[0]["purpose"] == "marketing")
            #expect(history[0]["status"] == "opted_out")
            #expect(history[0]["source"]?.string == source.rawValue)
            #expect(history[0]["proof"]?.string == messageID.description)
        }
    }

    @Test func whoIsNotKnownIsKnownByIt() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let item = Self.item(tenant.orgID, self.email, .unsubscribe, nil)
            let customer = try await service.api.receive([item]).first?.customerID
            let consents = try await tenant(.GET, "/customers/\(customer?.description ?? "")/consents").data
            #expect(consents.map { $0["status"] } == ["opted_out"])
            #expect(try await Stored.consents(of: tenant.orgID) == ["email marketing opted_out"])
        }
    }

    private static func item(
        _ orgID: OrgID,
        _ address: Address,
        _ source: OptOut.Source,
        _ messageID: MessageID?
    ) -> CustomerAPI.Receive {
        CustomerAPI.Receive(
            orgID: orgID,
            accountID: .new(),
            eventKey: "unsubscribe:1",
            channel: .email,
            senders: [address],
            profileName: nil,
            keyword: nil,
            optOut: OptOut(
                channel: .email,
                address: address,
                source: source,
                messageID: messageID,
                occurredAt: nil
            ),
            occurredAt: Inbound.time(1)
        )
    }
}
