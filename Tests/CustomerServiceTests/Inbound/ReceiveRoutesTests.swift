import CustomerService
import InternalAPI
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ReceiveRoutesTests {
    let inbound = Inbound(orgID: .new())
    private static let phone = Address(kind: .phone, value: "+14155550100")

    @Test func aThousandItemsFitAndOneMoreIsTooMany() async throws {
        let items = (0..<1000).map { number in
            self.inbound.message("\(number)", from: Address(kind: .phone, value: "+1415\(1_000_000 + number)"))
        }
        try await RunningService.run { service in
            #expect(Set(try await service.api.receive(items).map(\.customerID)).count == 1000)
            #expect(
                try await Self.problem { try await service.api.receive(items + items.prefix(1)) }?.code
                    == "too-many-items"
            )
            let none = try await service.api.receive([])
            #expect(none == [])
        }
    }

    /// Event key, senders, and where the fault lies; nil for none.
    @Test(
        arguments: [
            ("", [Self.phone], "/items/1/eventKey"), (String(repeating: "k", count: 400), [Self.phone], nil),
            (String(repeating: "k", count: 401), [Self.phone], "/items/1/eventKey"),
            ("a\0b", [Self.phone], "/items/1/eventKey"),
            ("1", [], "/items/1/senders"), ("1", Array(repeating: Self.phone, count: 10), nil),
            ("1", Array(repeating: Self.phone, count: 11), "/items/1/senders"),
            ("1", [Self.phone, Address(kind: .email, value: "")], "/items/1/senders/1"),
            ("1", [Address(kind: .external, value: "a\0b")], "/items/1/senders/0"),
        ] as [(String, [Address], String?)]
    )
    func whatNoTableTakesIsRefused(eventKey: String, senders: [Address], pointer: String?) async throws {
        let good = self.inbound.message("0", from: Self.phone)
        let item = CustomerAPI.Receive(
            orgID: good.orgID,
            accountID: good.accountID,
            eventKey: eventKey,
            channel: .sms,
            senders: senders,
            profileName: nil,
            keyword: .stop,
            occurredAt: good.occurredAt
        )
        try await RunningService.run { service in
            let problem = try await Self.problem { try await service.api.receive([good, item]) }
            #expect(problem?.violations.map(\.pointer) ?? [] == (pointer.map { [$0] } ?? []))
            #expect(problem?.status == (pointer == nil ? nil : 422))
        }
        #expect(try await Stored.counts(of: good.orgID).customers == (pointer == nil ? 1 : 0))
    }

    private static func problem(_ call: () async throws -> [CustomerAPI.Received]) async throws -> Problem? {
        do {
            _ = try await call()
            return nil
        } catch let problem as Problem {
            return problem
        }
    }
}
