import AuditTrail
import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// The route `/internal/suppressions/bounced`, which the engine calls for messages of any organizations.
struct BounceRoutes: Sendable {
    let postgres: PostgresPool

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/suppressions/bounced", use: self.suppress)
    }

    /// Puts addresses that take no mail for good on their organizations' do-not-contact lists.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`.
    @Sendable private func suppress(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let bounces = try await request.decodeInternal(CustomerAPI.BounceRequest.self).bounces
        guard bounces.count <= CustomerAPI.mostPolicyItems else { throw Problem.tooManyItems }
        // What a channel would not take stands in no other message either.
        let addresses = bounces.compactMap { bounce in
            (try? Address(bounce.email, for: .email)).map { (bounce: bounce, address: $0) }
        }
        guard !addresses.isEmpty else { return JSONResponse(.ok, CustomerAPI.Suppressed()) }
        try await self.postgres.transaction(for: Array(Set(addresses.map(\.bounce.orgID)))) { connection in
            let saved = try connection.pipeline(
                addresses.map { SuppressionStore.bounce($0.address, of: $0.bounce.orgID) }
            )
            let audits = try zip(addresses, saved).compactMap { entry, rows in
                try rows.first.map { try AuditRecord(bounced: entry.bounce, $0) }
            }
            if !audits.isEmpty { try connection.query(AuditStore.insert(audits)) }
        }
        return JSONResponse(.ok, CustomerAPI.Suppressed())
    }
}

extension AuditRecord {
    /// What a bounce made of the list, without the address.
    fileprivate init(bounced bounce: CustomerAPI.Bounce, _ row: Row) throws(PostgresError) {
        let id: SuppressionID = try row.get("id")
        self.init(
            orgID: bounce.orgID,
            actor: "provider",
            action: try row.get("is_new") ? .created : .updated,
            entityType: .suppression,
            entityID: id.uuid,
            requestID: nil,
            detail: ["reason": .string(SuppressionStore.bounced), "message_id": .text(bounce.messageID)]
        )
    }
}
