import Foundation
import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Secrets
import Shared

/// What the inbox has of a customer's messages and opt-outs, page by page, for the export that the api-gateway puts together.
struct ExportEvents: Sendable {
    private static let batch = 200

    let postgres: PostgresPool
    let marks: AddressMarks

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/exports/events", use: self.list)
    }

    /// Lists those among the next events that are theirs; there may be none among them, and more among those after.
    @Sendable private func list(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let wanted = try await request.decodeInternal(ErasureRequest.self)
        let finder = AddressFinder(wanted.marks, marks: self.marks, of: context.orgID)
        let store = InboxErasureStore(orgID: context.orgID, before: wanted.before)
        let last = wanted.cursor.flatMap { ID<InboxEvent>($0) }
        let rows = try await self.postgres.transaction(for: [context.orgID]) { connection in
            try connection.query(store.shown(after: last, atMost: Self.batch)).map { row in
                (resource: try InboxResource(row), content: try row.get("content", as: String.self))
            }
        }
        let theirs = rows.filter { finder.sent($0.content) }
        let next = rows.count < Self.batch ? nil : rows.last?.resource.id
        return RawJSON(["data": .array(theirs.map(\.resource.json)), "next_cursor": .text(next)])
    }
}

extension InboxErasureStore {
    /// The same as `messages`, in the columns of the public API.
    fileprivate func shown(after last: ID<InboxEvent>?, atMost limit: Int) -> SQL {
        """
        SELECT \(InboxResource.columns) FROM inbox_events
         WHERE org_id = \(self.orgID) AND received_at < \(self.before) AND kind IN ('message', 'opt_out')
           AND erased_at IS NULL
           AND (\(last)::uuid IS NULL OR id > \(last))
         ORDER BY id LIMIT \(limit)::int
        """
    }
}
