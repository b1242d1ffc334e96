import AuditTrail
import InternalAPI
import Postgres
import Shared

/// Puts down that a customer is to be erased, before anything is; `RunErasures` does it.
struct StartErasure: Sendable {
    let postgres: PostgresPool
    let customers: ErasureAPI

    /// A customer is erased once: who asks again gets the same erasure.
    ///
    /// - Throws: `Problem.notFound` for an id that nobody has or had. While customer-service is away each id is taken.
    func callAsFunction(
        _ id: CustomerID,
        for tenancy: Tenancy,
        requestID: String
    ) async throws -> Erasure {
        let store = ErasureStore(orgID: tenancy.orgID)
        if let known = try await self.find(id, store) { return known }
        let subject = try await self.subject(id, tenancy.acting)
        let erasure = Erasure(
            orgID: store.orgID,
            id: .new(),
            customerID: subject.customerIDs.first ?? id,
            customerIDs: subject.customerIDs,
            marks: subject.marks,
            actor: tenancy.actor,
            requestID: requestID,
            createdAt: .now
        )
        let started = try await self.postgres.transaction(for: [store.orgID]) { connection -> Erasure? in
            guard let row = try connection.query(store.insert(erasure)).first else { return nil }
            let audit = AuditRecord(
                orgID: store.orgID,
                actor: tenancy.actor,
                action: .erased,
                entityType: .customer,
                entityID: erasure.customerID.uuid,
                requestID: requestID,
                detail: ["erasure_id": .text(erasure.id)]
            )
            try connection.pipeline([
                AuditStore.insert(audit),
                DueErasures.put([ErasureKey(orgID: store.orgID, id: erasure.id)], after: .zero),
            ])
            return try Erasure(row)
        }
        if let started { return started }
        // Somebody else asked in the same moment.
        guard let known = try await self.find(erasure.customerID, store) else { throw Problem.internal }
        return known
    }

    private func find(_ id: CustomerID, _ store: ErasureStore) async throws -> Erasure? {
        try await self.postgres.transaction(for: [store.orgID]) { connection in
            try connection.query(store.find(id)).first.map { try Erasure($0) }
        }
    }

    private func subject(_ id: CustomerID, _ acting: Acting) async throws -> ErasureAnswer {
        do {
            return try await self.customers.subject(id, as: acting)
        } catch let problem as Problem where problem.status == 503 {
            return ErasureAnswer(.done, customerIDs: [id])
        }
    }
}
