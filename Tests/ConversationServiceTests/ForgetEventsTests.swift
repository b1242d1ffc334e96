import Logging
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ForgetEventsTests {
    private static let day = 86_400

    let postgres: PostgresPool

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    private func receive(_ contact: Contact, _ keys: [String], at seconds: Int) async throws {
        let receive = ReceiveMessages(postgres: self.postgres, now: { second(seconds) })
        _ = try await receive(keys.map { contact.message($0, at: seconds) })
    }

    private func know(_ orgs: [OrgID]) async throws {
        _ = try await self.postgres.run { try $0.query(OrgDirectory.add(orgs)) }
    }

    private func keys(of orgID: OrgID) async throws -> [String] {
        try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query("SELECT event_key FROM received_events ORDER BY event_key").map {
                try $0.get("event_key")
            }
        }
    }

    @Test func eventsAreForgottenAfter35Days() async throws {
        let ann = Contact()
        try await self.know([ann.orgID])
        try await self.receive(ann, ["old"], at: 0)
        try await self.receive(ann, ["new"], at: 1)
        try await ForgetEvents(postgres: self.postgres, now: { second(35 * Self.day) })()
        #expect(try await self.keys(of: ann.orgID) == ["new", "old"])
        try await ForgetEvents(postgres: self.postgres, now: { second(35 * Self.day + 1) })()
        #expect(try await self.keys(of: ann.orgID) == ["new"])
    }

    @Test func manyEventsOfManyOrganizationsAreForgottenInOneRound() async throws {
        let contacts = (0..<30).map { _ in Contact() }
        try await self.know(contacts.map(\.orgID))
        for contact in contacts { try await self.receive(contact, (1...5).map(String.init), at: 0) }
        try await self.receive(contacts[0], (0...ForgetEvents.batch).map { "more \($0)" }, at: 0)
        try await ForgetEvents(postgres: self.postgres, now: { second(36 * Self.day) })()
        for contact in contacts { #expect(try await self.keys(of: contact.orgID).isEmpty) }
    }

    /// What is forgotten may count again, but never twice in the timeline.
    @Test func aForgottenKeywordIsInTheTimelineOnce() async throws {
        let ann = Contact()
        try await self.know([ann.orgID])
        let receive = ReceiveMessages(postgres: self.postgres, now: { second(0) })
        _ = try await receive([ann.message("stop", at: 0, keyword: .stop)])
        let before = try await StoredTables(of: ann.orgID).activities
        try await ForgetEvents(postgres: self.postgres, now: { second(36 * Self.day) })()
        _ = try await receive([ann.message("stop", at: 0, keyword: .stop)])
        #expect(try await StoredTables(of: ann.orgID).activities == before)
    }
}
