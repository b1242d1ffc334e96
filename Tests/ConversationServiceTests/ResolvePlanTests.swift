import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

/// The look-ups read what they are asked for, however many rows there are.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(1)))
struct ResolvePlanTests {
    let connection = TestDatabase.connection
    let orgID = OrgID.new()

    /// How one transaction has read the table.
    private struct Reads: Sendable, Equatable {
        let sequentialScans: Int
        let rowsByIndex: Int
    }

    /// The look-ups run on few rows first, often enough for Postgres to keep a plan.
    @Test func lookUpsReadOneRowForEachItemHoweverTheTableGrows() async throws {
        let items = (1...100).map { _ in Contact(orgID: self.orgID).item }
        let (ids, _) = try await self.look { connection in try ConversationStore.save(items, on: connection) }
        let finds = ids.values.map { ConversationAPI.Find(orgID: self.orgID, id: $0) }
        for round in 1...9 {
            if round == 9 { try await self.insertConversations() }
            let (known, knownReads) = try await self.look { connection in
                try ConversationStore.current(items, on: connection)
            }
            #expect(known == ids)
            #expect(knownReads == Reads(sequentialScans: 0, rowsByIndex: 100))
            let (found, foundReads) = try await self.look { connection in
                try ConversationStore.find(finds, on: connection)
            }
            #expect(found.compactMap(\.self).count == 100)
            #expect(foundReads == Reads(sequentialScans: 0, rowsByIndex: 100))
        }
    }

    private func look<Answer: Sendable>(
        _ find: @Sendable (isolated PostgresConnection) throws -> Answer
    ) async throws -> (Answer, Reads) {
        try await self.connection.transaction(for: [self.orgID]) { connection in
            try connection.planLookUps()
            return (try find(connection), try Self.reads(on: connection))
        }
    }

    /// 20,000 conversations of one organization.
    private func insertConversations() async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.query(
            """
            INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address)
            SELECT \(self.orgID), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'sms', 'phone', '+4930' || n
              FROM generate_series(1, 20000) AS n
            """
        )
        await superuser.close()
    }

    private static func reads(on connection: isolated PostgresConnection) throws(PostgresError) -> Reads {
        let row = try connection.query(
            """
            SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'conversations'
            """
        )[0]
        return Reads(sequentialScans: try row.get("seq_scan"), rowsByIndex: try row.get("idx_tup_fetch"))
    }
}
