import ConversationService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ListTests {
    let orgID = OrgID.new()

    /// Customers 0 to 5, of whom the last wrote last: 0 and 1 on WhatsApp, 2 closed, 3 assigned to Bob, 4 read, 5 written to
    /// only.
    private func conversations(
        _ body: @Sendable (RunningService, [Contact], [ConversationID]) async throws -> Void
    ) async throws {
        let accounts = [AccountID.new(), .new()]
        let contacts = (0..<6).map { Contact(orgID: self.orgID, accountID: accounts[$0 < 2 ? 0 : 1]) }
        try await RunningService.run(now: { second(50) }) { service in
            var ids: [ConversationID] = []
            for (number, contact) in contacts.prefix(5).enumerated() {
                let channel: Channel = number < 2 ? .whatsapp : .sms
                let message = contact.message("\(number)", at: 100 + number, channel: channel)
                ids += try await service.api.receive([message]).map(\.conversationID)
            }
            ids += try await service.api.resolve([contacts[5].item])
            for (number, act, text) in [(2, "close", nil), (3, "assign", #"{"assignee":"Bob"}"#), (4, "read", nil)] {
                _ = try await service.call(.POST, "/conversations/\(ids[number])/\(act)", of: self.orgID, body: text)
            }
            try await body(service, contacts, ids)
        }
    }

    private func list(_ query: String, _ service: RunningService, _ ids: [ConversationID]) async throws -> [Int?] {
        let answer = try await service.call(.GET, "/conversations\(query)", of: self.orgID)
        #expect(answer.status == 200, "\(query)")
        return answer.body["data"]?.array?.map { element in
            element["id"]?.string.flatMap { ConversationID($0) }.flatMap { ids.firstIndex(of: $0) }
        } ?? []
    }

    @Test func filtersNarrowTheListAndTheMostRecentIsFirst() async throws {
        try await self.conversations { service, contacts, ids in
            let (customer, account) = (contacts[1].customerID, contacts[0].accountID)
            for (query, expected) in [
                ("", [4, 3, 2, 1, 0, 5]), ("?status=open", [4, 3, 1, 0, 5]), ("?status=closed", [2]),
                ("?status=open,closed", [4, 3, 2, 1, 0, 5]), ("?assignee=Bob", [3]), ("?assignee=bob", []),
                ("?unassigned=true", [4, 2, 1, 0, 5]), ("?unassigned=false", [3]), ("?unread=true", [3, 2, 1, 0]),
                ("?unread=false", [4, 5]), ("?customer_id=\(customer)", [1]), ("?account_id=\(account)", [1, 0]),
                ("?channel=sms", [4, 3, 2, 5]), ("?channel=whatsapp,email", [1, 0]), ("?channel=email", []),
                ("?status=open&unassigned=true&unread=true", [1, 0]),
            ] {
                let shown = try await self.list(query, service, ids)
                #expect(shown == expected, "\(query)")
            }
        }
    }

    @Test(arguments: [
        "status=new", "unassigned=yes", "unread=1", "customer_id=7", "account_id=", "channel=fax", "assignee=",
        "limit=0", "limit=201", "cursor=x", "status=open&status=closed", "colour=red",
    ])
    func whatIsNoFilterIsRefused(query: String) async throws {
        try await RunningService.run { service in
            let answer = try await service.call(.GET, "/conversations?\(query)", of: self.orgID)
            #expect(answer.status == 400)
            #expect(answer.body["code"] == "invalid-query")
        }
    }

    @Test func pagesFollowEachOtherAlsoWhenTheirLastOneHasMovedUp() async throws {
        try await self.conversations { service, contacts, ids in
            let first = try await service.call(.GET, "/conversations?limit=2", of: self.orgID).body
            let cursor = try #require(first["next_cursor"]?.string)
            // The last of the page, and the last of all, are the first ones now.
            _ = try await service.api.receive([
                contacts[3].message("3b", at: 200), contacts[5].message("5b", at: 201),
            ])
            #expect(try await self.list("?limit=2&cursor=\(cursor)", service, ids) == [2, 1])
            #expect(try await self.list("?cursor=\(cursor)", service, ids) == [2, 1, 0])
            #expect(try await self.list("?limit=3", service, ids) == [5, 3, 4])
            let foreign = try await service.call(.GET, "/conversations?cursor=\(cursor)", of: .new())
            #expect(foreign.status == 400)
        }
    }

    @Test func conversationsOfTheSameMomentAreEachShownOnce() async throws {
        let contacts = (0..<7).map { _ in Contact(orgID: self.orgID) }
        try await RunningService.run { service in
            _ = try await service.api.receive(contacts.enumerated().map { $1.message("\($0)", at: 10) })
            var (seen, cursor): ([String], String?) = ([], nil)
            repeat {
                let query = "?limit=3" + (cursor.map { "&cursor=\($0)" } ?? "")
                let page = try await service.call(.GET, "/conversations\(query)", of: self.orgID).body
                seen += page["data"]?.array?.compactMap { $0["id"]?.string } ?? []
                cursor = page["next_cursor"]?.string
            } while cursor != nil
            #expect(seen.count == 7 && Set(seen).count == 7)
            #expect(seen == seen.sorted(by: >))
        }
    }

    @Test func anotherOrganizationSeesNothing() async throws {
        try await self.conversations { service, contacts, _ in
            let stranger = OrgID.new()
            for path in ["/conversations", "/customers/\(contacts[0].customerID)/activities"] {
                let answer = try await service.call(.GET, path, of: stranger)
                #expect(answer.body == ["data": [], "next_cursor": .null])
            }
        }
    }
}
