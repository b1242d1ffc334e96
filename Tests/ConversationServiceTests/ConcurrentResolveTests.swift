import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ConcurrentResolveTests {
    @Test func eightCallsForTheSameNewConversationOpenOne() async throws {
        try await RunningService.run { service in
            for _ in 0..<10 {
                let contact = Contact()
                let ids = try await withThrowingTaskGroup(of: [ConversationID].self) { tasks in
                    for number in 1...8 {
                        let item = contact.with(address: "+1415555010\(number)").item
                        tasks.addTask { try await service.api.resolve([item]) }
                    }
                    return try await tasks.reduce(into: []) { $0 += $1 }
                }
                #expect(ids.count == 8)
                #expect(try await Stored.conversations(of: contact.orgID).map(\.id) == Array(Set(ids)))
            }
        }
    }

    @Test func callsWithTheSameItemsInOppositeOrdersDoNotWaitForEachOther() async throws {
        let orgID = OrgID.new()
        let contacts = (0..<500).map { _ in Contact(orgID: orgID) }
        let url = TestDatabase.url
        // Plain connections, which do not repeat a transaction that Postgres ended for a deadlock. The second round
        // changes every address.
        for _ in 1...2 {
            try await withThrowingTaskGroup { tasks in
                for number in 1...8 {
                    tasks.addTask {
                        let connection = try await PostgresConnection(url)
                        let items = contacts.map { $0.with(address: "+1415555010\(number)").item }
                        let mine = number.isMultiple(of: 2) ? items : items.reversed()
                        _ = try await connection.transaction(for: [orgID]) { connection in
                            try ConversationStore.save(mine, at: .now, on: connection).ids
                        }
                        await connection.close()
                    }
                }
                try await tasks.waitForAll()
            }
        }
        let stored = try await Stored.conversations(of: orgID)
        #expect(stored.count == 500)
        #expect(Set(stored.map(\.address)).count == 1)
    }
}
