import Foundation
import InternalAPI
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// The activities of conversations as api-gateway asks for them.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ActivityRoutesTests {
    @Test func theActivitiesOfConversationsAreOneList() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let conversations = [ConversationID.new(), .new(), .new()]
        let customer = CustomerID.new()
        let start = Timestamp.now - .seconds(100)
        for number in 0..<9 {
            let (sent, conversation) = (start + .seconds(number), conversations[number % 3])
            try await fixture.receive(
                fixture.inbound(to: account, in: conversation, of: customer, occurredAt: sent)
            )
        }
        try await RunningService.run { service in
            let path = "/internal/activities?conversation_id=\(conversations[0]),\(conversations[2])"
            let all = try await service.call(.GET, path, for: fixture.orgID)
            let entries = try #require(all.body["data"]?.array)
            #expect(entries.map { $0["at"]?.string } == [8, 6, 5, 3, 2, 0].map { "\(start + .seconds($0))" })
            let first = try #require(entries.first)
            #expect(first["type"] == "MESSAGE_RECEIVED")
            #expect(first["conversation_id"]?.string == "\(conversations[2])")
            #expect(first["customer_id"]?.string == "\(customer)")
            #expect(first["message_id"] == first["id"])
            #expect(first["actor"] == "provider")
            #expect(first["detail"] == [:])
            #expect(all.body["next_cursor"] == .null)

            var paged: [JSONValue] = []
            var cursor: String?
            repeat {
                let page = try await service.call(
                    .GET,
                    "\(path)&limit=4\(cursor.map { "&cursor=\($0)" } ?? "")",
                    for: fixture.orgID
                )
                paged += page.body["data"]?.array ?? []
                cursor = page.body["next_cursor"]?.string
            } while cursor != nil
            #expect(paged == entries)
            // Another organization sees nothing of it.
            #expect(try await service.call(.GET, path, for: .new()).body["data"] == [])
        }
    }

    @Test func oneToTwoHundredConversationsCanBeNamed() async throws {
        let fixture = try MessagingFixture()
        try await RunningService.run { service in
            let ids = (0..<201).map { _ in "\(ConversationID.new())" }
            for (query, status) in [
                ("", 400), ("?conversation_id=x", 400), ("?conversation_id=\(ids.joined(separator: ","))", 400),
                ("?conversation_id=\(ids.dropLast().joined(separator: ","))", 200),
            ] {
                let answer = try await service.call(.GET, "/internal/activities\(query)", for: fixture.orgID)
                #expect(answer.status == status)
            }
        }
    }

    /// Of 20,000 activities a page reads a page of each conversation.
    @Test func aPageCostsAPage() async throws {
        let fixture = try MessagingFixture()
        let conversations = (0..<4).map { _ in ConversationID.new() }
        try await fixture.rows(
            """
            INSERT INTO activities (org_id, conversation_id, id, message_id, at, type, actor)
            SELECT \(fixture.orgID), (\(conversations)::uuid[])[n % 4 + 1], gen_random_uuid(), gen_random_uuid(), now(),
                   'MESSAGE_SENT', 'engine'
              FROM generate_series(1, 20000) AS n
            """
        )
        let sql = ActivityStore.list(of: Array(conversations.prefix(3)), in: fixture.orgID, before: .new(), limit: 51)
        let plan = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.explain(sql)
        }
        let text = plan.joined(separator: "\n")
        #expect(!text.contains("Seq Scan on activities"), "\(text)")
        #expect(
            text.contains("Index Scan using activities_pkey")
                || text.contains("Index Scan Backward using activities_pkey"),
            "\(text)"
        )
        #expect(!text.contains("Rows Removed by"), "\(text)")
        #expect(try plan.actualRows(of: "activities_pkey") <= 51, "\(text)")
    }

    /// Removing a message reads what happened while it lived, and not its whole conversation.
    @Test func removingAMessageDoesNotReadItsConversation() async throws {
        let fixture = try MessagingFixture()
        let account = try await fixture.account(.twilio)
        let conversation = ConversationID.new()
        let sent = Timestamp.now - .seconds(3600)
        let id = try #require(
            try await fixture.receive(fixture.inbound(to: account, in: conversation, occurredAt: sent)).first
        )
        try await fixture.rows("UPDATE messages SET updated_at = created_at")
        let later = (1...20_000).map { ID<Activity>.new(at: sent + .milliseconds($0 + 5)) }
        try await fixture.rows(
            """
            INSERT INTO activities (org_id, conversation_id, id, message_id, at, type, actor)
            SELECT \(fixture.orgID), \(conversation), id, gen_random_uuid(), now(), 'MESSAGE_SENT', 'engine'
              FROM unnest(\(later)::uuid[]) AS id
            """
        )
        let plan = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            try connection.explain(ActivityStore.delete(of: [fixture.key(id)]))
        }
        let text = plan.joined(separator: "\n")
        #expect(text.contains("using activities_pkey"), "\(text)")
        #expect(try plan.actualRows(of: "activities_pkey") == 1, "\(text)")
        #expect(!text.contains("Rows Removed by"), "\(text)")
    }
}

extension [String] {
    /// The rows that a plan's scans of an index really read, of one loop.
    fileprivate func actualRows(of index: String) throws -> Double {
        let line = try #require(self.first { $0.contains("using \(index)") })
        let actual = try #require(line.range(of: "(actual "))
        let rows = try #require(line[actual.upperBound...].range(of: "rows="))
        return try #require(Double(line[rows.upperBound...].prefix { $0.isNumber || $0 == "." }))
    }
}
