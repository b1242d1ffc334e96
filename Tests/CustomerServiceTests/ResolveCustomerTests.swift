import CustomerService
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ResolveCustomerTests {
    let orgID = OrgID.new()
    let customerID = CustomerID.new()
    let phone = Address(kind: .phone, value: "+14155550100")
    let email = Address(kind: .email, value: "ann@example.com")

    @Test func theFirstKindThatTheCustomerHasIsTaken() async throws {
        try await self.store([self.email, self.phone])
        try await RunningService.run { service in
            let answers = try await service.api.resolve([
                .customer(orgID: self.orgID, id: self.customerID, kinds: [.phone, .email]),
                .customer(orgID: self.orgID, id: self.customerID, kinds: [.email, .phone]),
                .customer(orgID: self.orgID, id: self.customerID, kinds: [.whatsapp, .email]),
                .customer(orgID: self.orgID, id: self.customerID, kinds: [.whatsapp, .push]),
                .customer(orgID: self.orgID, id: self.customerID, kinds: []),
            ])
            #expect(
                answers == [
                    .found(self.customerID, self.phone), .found(self.customerID, self.email),
                    .found(self.customerID, self.email), .noSuchAddress, .noSuchAddress,
                ]
            )
        }
    }

    @Test func ofSeveralAddressesOfAKindTheOldestIsTaken() async throws {
        try await self.store([self.phone, Address(kind: .phone, value: "+10000000000")])
        try await RunningService.run { service in
            let item = CustomerAPI.Resolve.customer(orgID: self.orgID, id: self.customerID, kinds: [.phone])
            let answers = try await service.api.resolve([item])
            #expect(answers == [.found(self.customerID, self.phone)])
        }
    }

    @Test func aCustomerWithoutAddressesExists() async throws {
        try await self.store([])
        try await RunningService.run { service in
            let item = CustomerAPI.Resolve.customer(orgID: self.orgID, id: self.customerID, kinds: [.phone])
            let answers = try await service.api.resolve([item])
            #expect(answers == [.noSuchAddress])
        }
    }

    @Test func anotherOrganizationsCustomerDoesNotExist() async throws {
        try await self.store([self.phone])
        let other = OrgID.new()
        try await RunningService.run { service in
            let answers = try await service.api.resolve([
                .customer(orgID: other, id: self.customerID, kinds: [.phone]),
                // Its own organization is in the transaction's scope too.
                .customer(orgID: self.orgID, id: self.customerID, kinds: [.phone]),
                .customer(orgID: self.orgID, id: .new(), kinds: [.phone]),
            ])
            #expect(answers == [.noSuchCustomer, .found(self.customerID, self.phone), .noSuchCustomer])
        }
    }

    /// Stores the customer with `addresses`, the oldest first.
    private func store(_ addresses: [Address]) async throws {
        try await TestDatabase.connection.transaction(for: [self.orgID]) { connection in
            try connection.query("INSERT INTO customers (org_id, id) VALUES (\(self.orgID), \(self.customerID))")
            for (age, address) in addresses.reversed().enumerated() {
                try connection.query(
                    """
                    INSERT INTO identities (org_id, kind, value, customer_id, created_at)
                    VALUES (\(self.orgID), \(address.kind.rawValue)::address_kind, \(address.value), \(self.customerID),
                            now() - \(age)::int * interval '1 minute')
                    """
                )
            }
        }
    }
}
