import CustomerService
import InternalAPI
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ResolveAddressTests {
    let orgID = OrgID.new()
    let ann = Address(kind: .phone, value: "+14155550100")
    let bob = Address(kind: .email, value: "bob@example.com")

    @Test func aNewAddressMakesACustomerAndRepeatingItFindsTheSameOne() async throws {
        try await RunningService.run { service in
            let item = CustomerAPI.Resolve.address(orgID: self.orgID, self.ann)
            let first = try await service.api.resolve([item])
            let id = try #require(first.first?.customerID)
            #expect(first == [.found(id, self.ann)])
            for _ in 1...3 { #expect(try await service.api.resolve([item]) == first) }
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 1, identities: 1))
    }

    @Test func answersAreInTheOrderOfTheItems() async throws {
        try await RunningService.run { service in
            let known = try await service.api.resolve([.address(orgID: self.orgID, self.bob)])
            let answers = try await service.api.resolve([
                .address(orgID: self.orgID, self.ann), .customer(orgID: self.orgID, id: .new(), kinds: [.phone]),
                .address(orgID: self.orgID, self.bob),
            ])
            try #require(answers.count == 3)
            #expect(answers[0] == .found(try #require(answers[0].customerID), self.ann))
            #expect(answers[1] == .noSuchCustomer)
            #expect(answers[2] == known[0])
        }
    }

    @Test func anAddressRepeatedInOneCallMakesOneCustomer() async throws {
        try await RunningService.run { service in
            let item = CustomerAPI.Resolve.address(orgID: self.orgID, self.ann)
            let answers = try await service.api.resolve([item, .address(orgID: self.orgID, self.bob), item, item])
            #expect(Set(answers.compactMap(\.customerID)).count == 2)
            #expect(answers[0] == answers[2] && answers[2] == answers[3])
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 2, identities: 2))
    }

    @Test func theSameTextInTwoOrganizationsOrAsTwoKindsIsDifferentCustomers() async throws {
        let other = OrgID.new()
        try await RunningService.run { service in
            let items: [CustomerAPI.Resolve] = [
                .address(orgID: self.orgID, Address(kind: .external, value: "7")),
                .address(orgID: other, Address(kind: .external, value: "7")),
                .address(orgID: self.orgID, Address(kind: .push, value: "7")),
            ]
            let answers = try await service.api.resolve(items)
            #expect(Set(answers.compactMap(\.customerID)).count == 3)
            #expect(try await service.api.resolve(items) == answers)
        }
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 2, identities: 2))
        #expect(try await Stored.counts(of: other) == .init(customers: 1, identities: 1))
    }

    @Test func textsThatOnlyLookTheSameAreDifferentAddresses() async throws {
        try await RunningService.run { service in
            let items: [CustomerAPI.Resolve] = ["caf\u{E9}", "cafe\u{301}"].map {
                .address(orgID: self.orgID, Address(kind: .external, value: $0))
            }
            let answers = try await service.api.resolve(items)
            #expect(Set(answers.compactMap(\.customerID)).count == 2)
            #expect(try await service.api.resolve(items.reversed()) == answers.reversed())
        }
    }

    @Test func anAddressOfQuotesAndBracesIsTakenAsItIs() async throws {
        try await RunningService.run { service in
            let address = Address(kind: .external, value: #"{"a",NULL}'\--"#)
            let answers = try await service.api.resolve([.address(orgID: self.orgID, address)])
            #expect(answers == [.found(try #require(answers[0].customerID), address)])
            #expect(try await service.api.resolve([.address(orgID: self.orgID, address)]) == answers)
        }
    }

    @Test func aThousandItemsOfManyOrganizationsFitInOneCall() async throws {
        let orgs = (1...50).map { _ in OrgID.new() }
        try await RunningService.run { service in
            let items = (0..<1000).map { number in
                CustomerAPI.Resolve.address(
                    orgID: orgs[number % 50],
                    Address(kind: .phone, value: "+1415555\(1000 + number)")
                )
            }
            let answers = try await service.api.resolve(items)
            #expect(Set(answers.compactMap(\.customerID)).count == 1000)
            #expect(try await service.api.resolve(items) == answers)
        }
        #expect(try await Stored.counts(of: orgs[0]) == .init(customers: 20, identities: 20))
    }

    @Test func anEmptyCallHasAnEmptyAnswer() async throws {
        try await RunningService.run { service in
            let answers = try await service.api.resolve([CustomerAPI.Resolve]())
            #expect(answers == [])
        }
    }
}
