import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

/// The look-ups read what they are asked for, however many rows there are.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(1)))
struct ResolvePlanTests {
    let orgID = OrgID.new()

    /// How one transaction has read the table.
    private struct Reads: Sendable, Equatable {
        let sequentialScans: Int
        let rowsByIndex: Int
    }

    @Test func lookUpsReadOneRowForEachItem() async throws {
        let connection = TestDatabase.connection
        let contacts = (1...100).map { _ in Contact(orgID: self.orgID) }
        let items = contacts.map(\.item)
        let ids = try await connection.transaction(for: [self.orgID]) { connection in
            try ConversationStore.save(items, on: connection)
        }
        try await self.fill()
        let finds = ids.values.map { ConversationAPI.Find(orgID: self.orgID, id: $0) }
        // More than the five runs after which Postgres may choose a plan for any parameters.
        for _ in 1...8 {
            let (known, knownReads) = try await connection.transaction(for: [self.orgID]) { connection in
                (try ConversationStore.current(items, on: connection), try Self.reads(on: connection))
            }
            #expect(known == ids)
            #expect(knownReads == Reads(sequentialScans: 0, rowsByIndex: 100))
            let (found, foundReads) = try await connection.transaction(for: [self.orgID]) { connection in
                (try ConversationStore.find(finds, on: connection), try Self.reads(on: connection))
            }
            #expect(found.compactMap(\.self).count == 100)
            #expect(foundReads == Reads(sequentialScans: 0, rowsByIndex: 100))
        }
    }

    /// 20,000 conversations of one organization, which the statistics know of.
    private func fill() async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.query(
            """
            INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address)
            SELECT \(self.orgID), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'sms', 'phone', '+4930' || n
              FROM generate_series(1, 20000) AS n
            """
        )
        try await superuser.execute(script: "ANALYZE")
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
