import InternalAPI
import Logging
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

/// Whatever the order of the same messages, however often each comes, and however they are divided among calls: the rows are
/// the same.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ReceiveOrderTests {
    let postgres: PostgresPool
    let ann = Contact()
    let bob = Contact(address: Address(kind: .phone, value: "+14155550101"))

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    private var receive: ReceiveMessages { ReceiveMessages(postgres: self.postgres, now: { second(900) }) }

    /// The same people of another organization.
    private func ann(of orgID: OrgID) -> Contact {
        Contact(orgID: orgID, customerID: self.ann.customerID, accountID: self.ann.accountID, address: self.ann.address)
    }

    private func bob(of orgID: OrgID) -> Contact {
        Contact(orgID: orgID, customerID: self.bob.customerID, accountID: self.ann.accountID, address: self.bob.address)
    }

    private func messages(of orgID: OrgID) -> [ConversationAPI.Receive] {
        let (ann, bob) = (self.ann(of: orgID), self.bob(of: orgID))
        return [
            ann.message("stop", at: 100, keyword: .stop), ann.message("moved", at: 400, from: "+14155550190"),
            // At the same moment from another address: one of the two stands.
            ann.message("twin", at: 400, from: "+14155550191"), ann.message("start", at: 350, keyword: .start),
            bob.message("bob", at: 200),
        ]
    }

    @Test func everyOrderOfNewMessagesEndsTheSame() async throws {
        var results: [StoredTables] = []
        for order in [0, 1, 2, 3, 4].permutations {
            let orgID = OrgID.new()
            let messages = self.messages(of: orgID)
            for index in order { _ = try await self.receive([messages[index]]) }
            results.append(try await StoredTables(of: orgID))
        }
        let first = try #require(results.first)
        #expect(results.count == 120)
        #expect(results.allSatisfy { $0 == first })
        #expect(first.conversations.count == 2 && first.events.count == 5)
        #expect(first.conversations.contains { $0.contains(" +14155550191 ") && $0.contains(" open - 4 ") })
        #expect(first.activities.count == 4)
    }

    /// A conversation that a person has read and closed at 300, and of which one message was known before.
    @Test func everyOrderOfMessagesAroundAClosingEndsTheSame() async throws {
        var results: [StoredTables] = []
        for order in [0, 1, 2, 3, 4].permutations {
            let orgID = OrgID.new()
            try await self.closeAnn(of: orgID)
            let messages = self.messages(of: orgID)
            // Each comes again after the next two, alone or with them.
            for (place, index) in order.enumerated() {
                let again = order[max(0, place - 2)...place].map { messages[$0] }
                _ = try await self.receive(place.isMultiple(of: 2) ? [messages[index]] : again)
                _ = try await self.receive(again.reversed())
            }
            results.append(try await StoredTables(of: orgID))
        }
        let first = try #require(results.first)
        #expect(results.allSatisfy { $0 == first })
        // Three messages are later than the reading; the earliest of them opened the conversation again.
        #expect(first.conversations.contains { $0.contains(" open - 3 ") })
        #expect(first.activities.filter { $0.contains(" REOPENED ") }.count == 1)
        #expect(first.activities.contains { $0.contains("\(Self.text(second(350))) REOPENED customer") })
    }

    private func closeAnn(of orgID: OrgID) async throws {
        let known = try await self.receive([self.ann(of: orgID).message("known", at: 50)])
        let id = try #require(known.first?.conversationID)
        let act = ActOnConversation(postgres: self.postgres, now: { second(300) })
        let acting = Acting(orgID: orgID, actor: "key:tests", mode: .live)
        for step in [ConversationAct.read, .close] {
            _ = try await act(step, on: id, for: acting, requestID: "request")
        }
    }

    @Test func oneCallWithAllOfThemEndsAsManyCalls() async throws {
        let orgs = [OrgID.new(), .new(), .new()]
        for message in self.messages(of: orgs[0]) { _ = try await self.receive([message]) }
        _ = try await self.receive(self.messages(of: orgs[1]))
        let twice = self.messages(of: orgs[2])
        let answers = try await self.receive(twice + twice.reversed())
        #expect(answers == answers.reversed())
        let tables = try await [
            StoredTables(of: orgs[0]), StoredTables(of: orgs[1]), StoredTables(of: orgs[2]),
        ]
        #expect(tables[0] == tables[1] && tables[1] == tables[2])
    }

    /// As Postgres writes it.
    private static func text(_ time: Timestamp) -> String {
        time.description.replacing("T", with: " ").replacing("Z", with: "+00").replacing(".000000", with: "")
    }
}
