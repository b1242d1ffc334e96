import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Secrets
import Shared

/// Who a customer is to the other services: under which ids, and by which hashes of addresses.
struct SubjectRoutes: Sendable {
    let postgres: PostgresPool
    let marks: AddressMarks

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/erasures/:id", use: self.subject)
        router.get("/internal/customers/:id/export", use: self.export)
    }

    /// Tells who would be erased; of those who are gone what is known of them.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func subject(_ request: Request, context: OrgRequestContext) async throws -> JSONResponse {
        let (id, store) = (try context.id(of: Customer.self), GoneStore(orgID: context.orgID))
        let subject = try await self.postgres.transaction(for: [store.orgID]) { connection in
            try self.current(id, store, on: connection) ?? store.find([id], on: connection)
        }
        guard !subject.ids.isEmpty else { throw Problem.notFound }
        return JSONResponse(.ok, ErasureAnswer(.done, customerIDs: subject.ids, marks: subject.marks))
    }

    /// Shows all that this service has of a customer, but for the history of consents, which has pages.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func export(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        let (id, store) = (try context.id(of: Customer.self), GoneStore(orgID: context.orgID))
        let members = try await self.postgres.transaction(for: [store.orgID]) { connection in
            guard let subject = try self.current(id, store, on: connection), let current = subject.ids.first else {
                throw Problem.notFound
            }
            let addresses = try store.addresses(of: current, on: connection)
            let results = try connection.pipeline([
                ConsentStore.all(of: current, store.orgID), store.suppressions(naming: addresses, subject.marks),
                store.sends(of: current),
            ])
            let counters = results[2][0]
            return try [
                ("customer", CustomerStore.resource(current, of: store.orgID, on: connection).json),
                ("merged_ids", .array(subject.ids.dropFirst().map { .text($0) })),
                ("consents", .array(results[0].map { try ConsentResource.current($0) })),
                ("suppressions", .array(results[1].map { try SuppressionResource($0).json })),
                (
                    "counters",
                    .object(members: [
                        ("sends", .number(JSONNumber(try counters.get("count", as: Int.self)))),
                        ("last_send_at", .text(try counters.getIfPresent("last", as: Timestamp.self))),
                    ])
                ),
                ("address_marks", .array(subject.marks.map { .string($0) })),
            ]
        }
        return RawJSON(.object(members: members))
    }

    /// Their own id first; nil for whom the organization does not have.
    private func current(
        _ id: CustomerID,
        _ store: GoneStore,
        on connection: isolated PostgresConnection
    ) throws -> GoneCustomer? {
        guard let current = try CustomerStore.current(id, of: store.orgID, on: connection) else { return nil }
        let addresses = try store.addresses(of: current, on: connection)
        return GoneCustomer(
            ids: [current] + (try store.merged(into: current, on: connection)),
            marks: addresses.flatMap { self.marks.all(of: $0.value, store.orgID) }
        )
    }
}
