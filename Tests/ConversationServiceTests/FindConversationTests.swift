import ConversationService
import InternalAPI
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct FindConversationTests {
    let ann = Contact()
    let bob = Contact(address: Address(kind: .email, value: "bob@example.com"))

    @Test func conversationsAreFoundInTheOrderOfTheItems() async throws {
        try await RunningService.run { service in
            let ids = try await service.api.resolve([self.ann.item, self.bob.item])
            let found = try await service.api.find([
                .init(orgID: self.bob.orgID, id: ids[1]), .init(orgID: self.ann.orgID, id: .new()),
                .init(orgID: self.ann.orgID, id: ids[0]), .init(orgID: self.bob.orgID, id: ids[1]),
            ])
            #expect(found == [self.bob.found(ids[1]), nil, self.ann.found(ids[0]), self.bob.found(ids[1])])
        }
    }

    @Test func anotherOrganizationsConversationDoesNotExist() async throws {
        try await RunningService.run { service in
            let ids = try await service.api.resolve([self.ann.item, self.bob.item])
            // Both organizations are in the transaction's scope.
            let found = try await service.api.find([
                .init(orgID: self.bob.orgID, id: ids[0]), .init(orgID: self.ann.orgID, id: ids[1]),
            ])
            #expect(found == [nil, nil])
        }
    }
}
