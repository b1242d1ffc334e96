import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import CustomerService

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct ConcurrentResolveTests {
    let orgID = OrgID.new()

    @Test func eightCallsForTheSameNewAddressMakeOneCustomer() async throws {
        try await RunningService.run { service in
            for round in 0..<10 {
                let address = Address(kind: .phone, value: "+1415555010\(round)")
                let answers = try await withThrowingTaskGroup(of: [CustomerAPI.Resolved].self) { tasks in
                    for _ in 1...8 {
                        tasks.addTask { try await service.api.resolve([.address(orgID: self.orgID, address)]) }
                    }
                    return try await tasks.reduce(into: []) { $0 += $1 }
                }
                #expect(answers.count == 8)
                #expect(Set(answers.compactMap(\.customerID)).count == 1)
            }
        }
        // As many customers as identities: none was made for an address that another call had won.
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 10, identities: 10))
    }

    @Test func callsWithTheSameAddressesInOppositeOrdersDoNotWaitForEachOther() async throws {
        let keys = (0..<500).map { number in
            IdentityKey(orgID: self.orgID, address: Address(kind: .phone, value: "+4930\(10_000 + number)"))
        }
        let url = TestDatabase.url
        // Plain connections, which do not repeat a transaction that Postgres ended for a deadlock.
        let owners = try await withThrowingTaskGroup(of: [CustomerID?].self) { tasks in
            for number in 1...8 {
                tasks.addTask {
                    let connection = try await PostgresConnection(url)
                    let mine = number.isMultiple(of: 2) ? keys : keys.reversed()
                    let owners = try await connection.transaction(for: [self.orgID]) { connection in
                        try IdentityStore.makeOwners(of: mine, on: connection)
                    }
                    await connection.close()
                    return number.isMultiple(of: 2) ? owners : owners.reversed()
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(owners).count == 1)
        #expect(owners.first?.compactMap(\.self).count == 500)
        #expect(try await Stored.counts(of: self.orgID) == .init(customers: 500, identities: 500))
    }
}
