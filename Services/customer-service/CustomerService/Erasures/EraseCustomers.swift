import AuditTrail
import Erasing
import HTTPService
import InternalAPI
import Postgres
import Secrets
import Shared

/// Takes customers out of the service, so that their addresses are whoever's who comes with them next.
///
/// What they did not want is kept by the hashes of their addresses. Erasing begins here: what the other services look for is
/// who it was, under which ids, and by which hashes.
struct EraseCustomers: Sendable {
    let postgres: PostgresPool
    let marks: AddressMarks

    /// Erases the customers that are there under any of the request's ids, then, step by step, the answers that tell of them.
    func callAsFunction(_ request: ErasureRequest, for context: OrgRequestContext) async throws -> ErasureAnswer {
        let store = GoneStore(orgID: context.orgID)
        return try await self.postgres.transaction(for: [store.orgID]) { connection in
            guard let cursor = request.cursor else {
                return try self.erase(request.customerIDs, store, for: context, on: connection)
            }
            let suppressions = try connection.query(store.suppressions(of: request.marks))
            let texts = try request.customerIDs.map(\.description) + suppressions.map { try $0.get("id") }
            let place = cursor == Self.answers ? nil : cursor
            let next = try EraseAnswers(orgID: store.orgID)(with: texts, after: place, on: connection)
            return ErasureAnswer(next.map { .goesOn(cursor: $0) } ?? .done)
        }
    }

    /// The cursor of the first step through the answers.
    private static let answers = "answers"

    private func erase(
        _ ids: [CustomerID],
        _ store: GoneStore,
        for context: OrgRequestContext,
        on connection: isolated PostgresConnection
    ) throws -> ErasureAnswer {
        for id in ids {
            let current = try CustomerStore.current(id, of: store.orgID, lock: .removal, on: connection)
            if let current { try self.take(current, store, isErased: true, on: connection) }
        }
        let gone = try store.find(ids, on: connection)
        try connection.query(store.noteErased(gone.ids))
        if let id = gone.ids.first {
            let reason = AuditRecord(.erased, .customer, id, by: context, ["act": "redact"])
            try AuditStore.redact(gone.ids.map(\.uuid), because: reason, on: connection)
        }
        return ErasureAnswer(.goesOn(cursor: Self.answers), customerIDs: gone.ids, marks: gone.marks)
    }

    /// Takes one customer out of the tables, whose row the transaction holds.
    func take(
        _ id: CustomerID,
        _ store: GoneStore,
        isErased: Bool,
        on connection: isolated PostgresConnection
    ) throws {
        let addresses = try store.addresses(of: id, on: connection)
        let marks = addresses.map { self.marks($0.value, of: store.orgID) }
        let ids = [id] + (try store.merged(into: id, on: connection))
        try connection.pipeline(
            [store.note(GoneCustomer(ids: ids, marks: marks), as: id, isErased: isErased)]
                + [store.keepOptOuts(of: id, marks: marks)]
                + (isErased ? store.markSuppressions(of: addresses, marks: marks) : []) + store.remove(id)
        )
    }
}

/// Takes a customer off the books: what is known of them goes, messages and conversations stay.
struct DeleteCustomer: Sendable {
    let postgres: PostgresPool
    let erase: EraseCustomers

    /// - Throws: `Problem` `not-found`.
    func callAsFunction(_ id: CustomerID, for context: OrgRequestContext) async throws {
        let store = GoneStore(orgID: context.orgID)
        try await self.postgres.transaction(for: [store.orgID]) { connection in
            let id = try CustomerStore.required(id, of: store.orgID, lock: .removal, on: connection)
            try self.erase.take(id, store, isErased: false, on: connection)
            try connection.query(AuditStore.insert(AuditRecord(.deleted, .customer, id, by: context)))
        }
    }
}
