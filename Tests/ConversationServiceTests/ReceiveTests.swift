import ConversationService
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ReceiveTests {
    let ann = Contact()

    @Test func aMessageOpensTheConversationThatIsWrittenInFromThenOn() async throws {
        try await RunningService.run(now: { second(20) }) { service in
            let received = try await service.api.receive([self.ann.message("1", at: 10)])
            let id = try #require(received.first?.conversationID)
            #expect(try await service.api.resolve([self.ann.item]) == [id])
            #expect(try await service.api.receive([self.ann.message("2", at: 12)]).first?.conversationID == id)
            let shown = try await service.call(.GET, "/conversations/\(id)", of: self.ann.orgID).body
            #expect(shown["status"] == "open")
            #expect(shown["unread_count"] == 2)
            #expect(shown["last_inbound_at"]?.string == second(12).description)
            #expect(shown["created_at"]?.string == second(10).description)
            #expect(shown["window_expires_at"] == .null)
        }
    }

    @Test func aConversationThatWasWrittenInFirstIsTheSame() async throws {
        try await RunningService.run { service in
            let ids = try await service.api.resolve([self.ann.item])
            #expect(try await service.api.receive([self.ann.message("1", at: 10)]).map(\.conversationID) == ids)
            let kinds = try await self.timeline(service).map {
                "\($0["type"]?.string ?? "") \($0["actor"]?.string ?? "")"
            }
            #expect(kinds == ["OPENED engine"])
        }
    }

    @Test func onWhatsAppTheWindowIsADayFromTheLastMessage() async throws {
        try await RunningService.run { service in
            for (key, time) in [("1", 10), ("2", 500), ("3", 20)] {
                _ = try await service.api.receive([self.ann.message(key, at: time, channel: .whatsapp)])
            }
            let list = try await service.call(.GET, "/conversations", of: self.ann.orgID).body
            #expect(list["data"]?[0]?["window_expires_at"]?.string == second(500 + 86_400).description)
        }
    }

    @Test func theAddressIsThatOfTheLatestMessageOrCreation() async throws {
        try await RunningService.run(now: { second(100) }) { service in
            _ = try await service.api.receive([self.ann.message("1", at: 10, from: "+1415555010")])
            _ = try await service.api.resolve([self.ann.with(address: "+1415555020").item])
            _ = try await service.api.receive([self.ann.message("2", at: 99, from: "+1415555030")])
            #expect(try await Stored.conversations(of: self.ann.orgID).map(\.address) == ["+1415555020"])
            _ = try await service.api.receive([self.ann.message("3", at: 101, from: "+1415555040")])
            #expect(try await Stored.conversations(of: self.ann.orgID).map(\.address) == ["+1415555040"])
        }
    }

    @Test func anOptOutIsInTheTimelineAndNothingWaitsToBeRead() async throws {
        try await RunningService.run(now: { second(20) }) { service in
            let ids = try await service.api.resolve([self.ann.item])
            let messageID = MessageID.new()
            let optOut = OptOut(
                channel: .email,
                address: self.ann.address,
                source: .unsubscribe,
                messageID: messageID,
                occurredAt: nil
            )
            let item = self.ann.message("unsubscribe:1", at: 30, optOut: optOut)
            for _ in 1...2 { #expect(try await service.api.receive([item]).map(\.conversationID) == ids) }
            let entries = try await self.timeline(service)
            #expect(entries.map { $0["type"]?.string } == ["OPTED_OUT", "OPENED"])
            #expect(entries[0]["actor"] == "customer")
            #expect(
                entries[0]["detail"] == [
                    "purpose": "marketing", "source": "unsubscribe", "message_id": .text(messageID),
                ]
            )
            let shown = try await service.call(.GET, "/conversations/\(ids[0])", of: self.ann.orgID).body
            #expect(shown["unread_count"] == 0 && shown["last_inbound_at"] == .null)
        }
    }

    @Test func keywordsAreInTheTimelineOnce() async throws {
        try await RunningService.run { service in
            let messages = [
                self.ann.message("1", at: 10, keyword: .stop), self.ann.message("2", at: 30, keyword: .start),
                self.ann.message("3", at: 20, keyword: .stop), self.ann.message("4", at: 40, keyword: .help),
            ]
            for message in messages.reversed() + messages { _ = try await service.api.receive([message]) }
            let entries = try await self.timeline(service)
            #expect(entries.map { $0["type"]?.string } == ["OPTED_IN", "OPTED_OUT", "OPTED_OUT", "OPENED"])
            #expect(entries.map { $0["at"]?.string } == [30, 20, 10, 10].map { second($0).description })
            #expect(entries.allSatisfy { $0["actor"] == "customer" && $0["message_id"] == .null })
        }
    }

    @Test func theSameKeyOfAnotherAccountOrOrganizationIsAnotherMessage() async throws {
        var others = [self.ann, self.ann, self.ann]
        others[1].accountID = .new()
        others[2].orgID = .new()
        let messages = others.map { $0.message("1", at: 10) }
        try await RunningService.run { service in
            let received = try await service.api.receive(messages)
            #expect(Set(received.map(\.conversationID)).count == 3)
            #expect(try await service.api.receive(messages.reversed()) == received.reversed())
        }
    }

    /// The customer of an address may be another one by then: what was said first stands.
    @Test func aRepetitionForAnotherCustomerChangesNothing() async throws {
        var bob = self.ann
        bob.customerID = .new()
        let repeated = bob.message("1", at: 10)
        try await RunningService.run { service in
            let first = try await service.api.receive([self.ann.message("1", at: 10)])
            let before = try await StoredTables(of: self.ann.orgID)
            #expect(try await service.api.receive([repeated]) == first)
            #expect(try await StoredTables(of: self.ann.orgID) == before)
        }
    }

    @Test func manyCallsAtOnceHaveEachEffectOnce() async throws {
        let contacts = (0..<5).map { _ in Contact(orgID: self.ann.orgID, accountID: self.ann.accountID) }
        let messages = (0..<50).map { contacts[$0 % 5].message("\($0)", at: $0, keyword: $0 == 0 ? .stop : nil) }
        try await RunningService.run { service in
            try await withThrowingTaskGroup { tasks in
                // Sixteen at a time: a call has seconds, and is not to wait for hundreds of others.
                for first in 0..<16 {
                    tasks.addTask {
                        for number in stride(from: first, to: 200, by: 16) {
                            // Alone, or with its neighbours in either order.
                            let few = [messages[number % 50], messages[(number + 1) % 50], messages[(number + 5) % 50]]
                            _ = try await service.api.receive(
                                number.isMultiple(of: 3) ? few : number.isMultiple(of: 2) ? few.reversed() : [few[0]]
                            )
                        }
                    }
                }
                try await tasks.waitForAll()
            }
            let list = try await service.call(.GET, "/conversations", of: self.ann.orgID).body["data"]?.array ?? []
            #expect(list.count == 5)
            #expect(list.allSatisfy { $0["unread_count"] == 10 })
            let tables = try await StoredTables(of: self.ann.orgID)
            #expect(tables.events.count == 50)
            #expect(tables.activities.count == 6)
        }
    }

    @Test func aThousandMessagesOfManyOrganizationsFitInOneCall() async throws {
        let orgs = (0..<50).map { _ in OrgID.new() }
        let messages = (0..<1000).map { Contact(orgID: orgs[$0 % 50]).message("\($0)", at: $0) }
        try await RunningService.run { service in
            let received = try await service.api.receive(messages)
            #expect(Set(received.map(\.conversationID)).count == 1000)
            #expect(try await service.api.receive(messages) == received)
        }
        #expect(try await Stored.conversations(of: orgs[0]).count == 20)
    }

    private func timeline(_ service: RunningService) async throws -> [JSONValue] {
        try await service.call(.GET, "/customers/\(self.ann.customerID)/activities", of: self.ann.orgID)
            .body["data"]?.array ?? []
    }
}
