import InternalAPI
import Logging
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

/// Lists and receipts read what they show and change, however many rows the organization has.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct PlanTests {
    private static let count = 20_000

    /// Plans as the service's own connections do.
    let postgres: PostgresPool
    let contact = Contact()

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    @Test func aPageReadsAPage() async throws {
        try await self.insertRows()
        let filters: [(name: String, filter: ConversationFilter, most: Int)] = [
            ("all", ConversationFilter(), 51), ("open", ConversationFilter(status: .open), 51),
            ("unread", ConversationFilter(isUnread: true), 51),
            ("assignee", ConversationFilter(assignee: "Bob"), 51),
            ("account", ConversationFilter(accountID: self.contact.accountID), 51),
            ("customer", ConversationFilter(customerID: self.contact.customerID), 1),
            ("unassigned", ConversationFilter(isAssigned: false), 60),
        ]
        for (name, filter, most) in filters {
            for last in [nil, (activeAt: second(-2000), id: ConversationID.new())] {
                let reads = try await self.reads(of: ["conversations"]) { connection in
                    let rows = try ConversationStore.list(
                        filter,
                        of: self.contact.orgID,
                        after: last,
                        limit: 51,
                        on: connection
                    )
                    if last == nil { #expect(!rows.isEmpty, "\(name)") }
                }
                #expect(reads["conversations"] ?? 0 <= most, "\(name)")
            }
        }
    }

    @Test func aReceiptReadsARowOfEachTable() async throws {
        let (contact, contacts) = (self.contact, (0..<100).map { _ in Contact(orgID: self.contact.orgID) })
        let receive = ReceiveMessages(postgres: self.postgres, now: { second(0) })
        _ = try await receive(contacts.map { $0.message("first", at: 0) } + [contact.message("first", at: 0)])
        try await self.insertRows()
        let messages = contacts.map { $0.message("next", at: 1) }
        let tables = ["conversations", "received_events"]
        let reads = try await self.reads(of: tables) { connection in
            let rows = try connection.pipeline([
                ReceivedEventStore.open(messages, at: second(1)), ReceivedEventStore.remember(messages, at: second(1)),
            ])
            #expect(rows[1].count == 100)
            try connection.query(ConversationStore.write(rows[1].map { try StoredConversation($0) }))
        }
        // Found, and read again with what is remembered, and written; and once for the key to it.
        #expect(reads["conversations"] ?? 0 <= 500)
        #expect(reads["received_events"] ?? 0 <= 100)
        let repeated = try await self.reads(of: tables) { connection in
            let rows = try connection.pipeline([
                ReceivedEventStore.open(messages, at: second(1)), ReceivedEventStore.remember(messages, at: second(1)),
                ReceivedEventStore.recall(messages),
            ])
            #expect(rows[0].isEmpty && rows[1].isEmpty && rows[2].count == 100)
        }
        #expect(repeated == ["conversations": 0, "received_events": 300])
    }

    /// 20,000 conversations of one organization, of which every 200th is open and unread, and every 50th Bob's, all of
    /// one account; their events and activities.
    private func insertRows() async throws {
        let (orgID, accountID) = (self.contact.orgID, self.contact.accountID)
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.query(
            """
            INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address, active_at, status,
                                       closed_at, unread_count, assignee)
            SELECT \(orgID), gen_random_uuid(), gen_random_uuid(),
                   CASE WHEN n % 100 = 0 THEN \(accountID)::uuid ELSE gen_random_uuid() END, 'sms', 'phone', '+4930' || n,
                   \(second(0))::timestamptz - n * interval '1 second',
                   (CASE WHEN n % 200 = 0 THEN 'open' ELSE 'closed' END)::conversation_status, now(),
                   CASE WHEN n % 200 = 0 THEN 1 ELSE 0 END, CASE WHEN n % 50 = 0 THEN 'Bob' END
              FROM generate_series(1, \(Self.count)::int) AS n
            """
        )
        try await superuser.query(
            """
            INSERT INTO received_events (org_id, account_id, event_key, conversation_id, received_at)
            SELECT org_id, account_id, 'event ' || address, id, now() FROM conversations WHERE org_id = \(orgID)
            """
        )
        try await superuser.query(
            """
            INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address, active_at)
            VALUES (\(orgID), \(ConversationID.new()), \(self.contact.customerID), \(AccountID.new()), 'sms', 'phone', '+1',
                    \(second(-100_000)))
            """
        )
        await superuser.close()
    }

    /// Rows that `body` reads by indexes, by table; nothing is read in any other way.
    private func reads(
        of tables: [String],
        _ body: @Sendable (isolated PostgresConnection) throws -> Void
    ) async throws -> [String: Int] {
        try await self.postgres.transaction(for: [self.contact.orgID]) { connection in
            let before = try Self.counts(of: tables, on: connection)
            try body(connection)
            let after = try Self.counts(of: tables, on: connection)
            for table in tables { #expect(after[table]?.scans == before[table]?.scans, "\(table)") }
            return after.mapValues(\.rows).merging(before.mapValues(\.rows)) { $0 - $1 }
        }
    }

    private static func counts(
        of tables: [String],
        on connection: isolated PostgresConnection
    ) throws -> [String: (scans: Int, rows: Int)] {
        let rows = try connection.query(
            """
            SELECT relname, seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = ANY (\(tables)::text[])
            """
        )
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                (try $0.get("relname"), (scans: try $0.get("seq_scan"), rows: try $0.get("idx_tup_fetch")))
            }
        )
    }
}
