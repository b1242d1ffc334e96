import ConversationService
import InternalAPI
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ResolveConversationTests {
    let ann = Contact()

    @Test func aNewPairOfCustomerAndAccountOpensAConversationAndRepeatingItFindsTheSameOne() async throws {
        try await RunningService.run { service in
            let first = try await service.api.resolve([self.ann.item])
            let id = try #require(first.first)
            for _ in 1...3 { #expect(try await service.api.resolve([self.ann.item]) == [id]) }
            let stored = try await Stored.conversations(of: self.ann.orgID)
            #expect(stored == [.init(id: id, address: "+14155550100", status: "open")])
        }
    }

    @Test func anotherCustomerAccountOrOrganizationIsAnotherConversation() async throws {
        var items = [self.ann, self.ann, self.ann, self.ann]
        items[1].customerID = .new()
        items[2].accountID = .new()
        items[3].orgID = .new()
        let asked = items.map(\.item)
        try await RunningService.run { service in
            let ids = try await service.api.resolve(asked)
            #expect(Set(ids).count == 4)
            #expect(try await service.api.resolve(asked.reversed()) == ids.reversed())
        }
        #expect(try await Stored.conversations(of: self.ann.orgID).count == 3)
        #expect(try await Stored.conversations(of: items[3].orgID).count == 1)
    }

    @Test func anItemRepeatedInOneCallOpensOneConversation() async throws {
        let bob = Contact()
        try await RunningService.run { service in
            let ids = try await service.api.resolve([self.ann.item, bob.item, self.ann.item])
            #expect(ids.count == 3)
            #expect(ids[0] == ids[2] && ids[0] != ids[1])
        }
        #expect(try await Stored.conversations(of: self.ann.orgID, bob.orgID).count == 2)
    }

    @Test func aNewAddressReplacesTheStoredOne() async throws {
        let moved = self.ann.with(address: "+14155550199")
        try await RunningService.run { service in
            let first = try await service.api.resolve([self.ann.item])
            #expect(try await service.api.resolve([moved.item]) == first)
            let found = try await service.api.find([.init(orgID: self.ann.orgID, id: try #require(first.first))])
            #expect(found == [moved.found(first[0])])
        }
    }

    @Test func ofTwoAddressesInOneCallTheLastIsStored() async throws {
        let moved = self.ann.with(address: "+14155550199")
        try await RunningService.run { service in
            for items in [[self.ann, moved], [moved, self.ann], [self.ann, moved]] {
                let ids = try await service.api.resolve(items.map(\.item))
                #expect(ids.count == 2 && Set(ids).count == 1)
                let stored = try await Stored.conversations(of: self.ann.orgID)
                #expect(stored.map(\.address) == [items[1].address.value])
            }
        }
    }

    @Test func anAddressThatOnlyLooksLikeTheStoredOneReplacesIt() async throws {
        try await RunningService.run { service in
            for value in ["caf\u{E9}", "cafe\u{301}"] {
                _ = try await service.api.resolve([self.ann.with(address: value).item])
                let stored = try await Stored.conversations(of: self.ann.orgID)
                #expect(stored.map { Array($0.address.utf8) } == [Array(value.utf8)])
            }
        }
    }

    @Test func aThousandItemsOfManyOrganizationsFitInOneCall() async throws {
        let orgs = (1...50).map { _ in OrgID.new() }
        let items = (0..<1000).map { Contact(orgID: orgs[$0 % 50]).item }
        try await RunningService.run { service in
            let ids = try await service.api.resolve(items)
            #expect(Set(ids).count == 1000)
            #expect(try await service.api.resolve(items) == ids)
        }
        #expect(try await Stored.conversations(of: orgs[0]).count == 20)
    }
}
