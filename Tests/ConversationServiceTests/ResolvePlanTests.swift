import InternalAPI
import Logging
import Postgres
import Shared
import TestSupport
import Testing

@testable import ConversationService

/// The look-ups read what they are asked for, however many rows there are.
@Suite(.database(migrations: ConversationMigrations.all, role: "conversations"), .timeLimit(.minutes(5)))
struct ResolvePlanTests {
    /// Plans as the service's own connections do.
    let postgres: PostgresPool
    let orgID = OrgID.new()
    let accountID = AccountID.new()

    init() throws {
        self.postgres = PostgresPool(try PostgresConfig.test(), logger: .quiet)
    }

    /// How the table was read.
    private struct Reads: Sendable, Equatable {
        let sequentialScans: Int
        let rowsByIndex: Int

        static func - (after: Reads, before: Reads) -> Reads {
            Reads(
                sequentialScans: after.sequentialScans - before.sequentialScans,
                rowsByIndex: after.rowsByIndex - before.rowsByIndex
            )
        }
    }

    /// The look-ups run on few rows first, often enough for Postgres to keep a plan; all are of one account, as an
    /// organization's mostly are.
    @Test(arguments: [Plans.fresh, .kept])
    func lookUpsReadOneRowForEachItemHoweverTheTableGrows(plans: Plans) async throws {
        let items = (1...100).map { _ in Contact(orgID: self.orgID, accountID: self.accountID).item }
        let (ids, _) = try await self.look(plans) { connection in
            try ConversationStore.save(items, at: .now, on: connection).ids
        }
        let finds = ids.values.map { ConversationAPI.Find(orgID: self.orgID, id: $0) }
        let current: Look<[ConversationKey: ConversationID]> = { try ConversationStore.current(items, on: $0) }
        let find: Look<[ConversationAPI.Found?]> = { try ConversationStore.find(finds, on: $0) }
        let findAny: Look<Int> = { try $0.query(ConversationStore.findAtAnyAddress(items)).count }
        for _ in 1...8 {
            #expect(try await self.look(plans, current).0 == ids)
            #expect(try await self.look(plans, find).0.compactMap(\.self).count == 100)
            #expect(try await self.look(plans, findAny).0 == 100)
        }
        try await self.insertConversations()
        let (known, readsOfKnown) = try await self.look(plans, current)
        #expect(known == ids)
        #expect(readsOfKnown == Reads(sequentialScans: 0, rowsByIndex: 100))
        let (found, readsOfFound) = try await self.look(plans, find)
        #expect(found.compactMap(\.self).count == 100)
        #expect(readsOfFound == Reads(sequentialScans: 0, rowsByIndex: 100))
        let (count, readsOfAny) = try await self.look(plans, findAny)
        #expect(count == 100)
        #expect(readsOfAny == Reads(sequentialScans: 0, rowsByIndex: 100))
    }

    private typealias Look<Answer> = @Sendable (isolated PostgresConnection) throws -> Answer

    private func look<Answer: Sendable>(_ plans: Plans, _ find: Look<Answer>) async throws -> (Answer, Reads) {
        try await self.postgres.transaction(for: [self.orgID], plans: plans) { connection in
            let before = try Self.reads(on: connection)
            return (try find(connection), try Self.reads(on: connection) - before)
        }
    }

    /// 20,000 conversations of the account.
    private func insertConversations() async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.query(
            """
            INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address)
            SELECT \(self.orgID), gen_random_uuid(), gen_random_uuid(), \(self.accountID)::uuid, 'sms', 'phone', '+4930' || n
              FROM generate_series(1, 20000) AS n
            """
        )
        await superuser.close()
    }

    /// Counted since the session last reported, which may have been some transactions ago.
    private static func reads(on connection: isolated PostgresConnection) throws(PostgresError) -> Reads {
        let row = try connection.query(
            """
            SELECT seq_scan, idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'conversations'
            """
        )[0]
        return Reads(sequentialScans: try row.get("seq_scan"), rowsByIndex: try row.get("idx_tup_fetch"))
    }
}
