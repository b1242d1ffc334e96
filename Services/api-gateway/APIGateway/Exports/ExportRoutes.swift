import AuditTrail
import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import Postgres
import Shared

/// The route `/customers/{id}/export`: all that Herald has of a customer, as one JSON document.
struct ExportRoutes: Sendable {
    let forward: ForwardRequest
    let postgres: PostgresPool

    var routes: [TenantRoute] {
        [TenantRoute(.get, "/customers/{id}/export", .customersExport, use: self.export)]
    }

    /// Answers while it asks the services page by page, so that no customer is too large.
    ///
    /// A document that is whole ends with `"complete":true`; where a service fails on the way the connection ends without it.
    ///
    /// - Errors: 404 `not-found`; 503 `unavailable` where the first answers are missing.
    @Sendable private func export(_ request: Request, context: TenantRequestContext) async throws -> Response {
        var query = QueryParameters(request)
        try query.finish()
        let id = try context.id(of: Customer.self)
        let profile = try await self.forward.json("/internal/customers/\(id)/export", of: .customerService, context)
        let pages = ExportPages(profile, forward: self.forward, context)
        // Whoever is there at the beginning is likely to be there to the end.
        try await pages.checkServices()
        let audit = AuditRecord(
            orgID: context.orgID,
            actor: context.tenancy.actor,
            action: .exported,
            entityType: .customer,
            entityID: pages.id.uuid,
            requestID: context.id
        )
        try await self.postgres.transaction(for: [context.orgID]) { _ = try $0.query(AuditStore.insert(audit)) }
        return Response(
            status: .ok,
            headers: [
                .contentType: "application/json", .cacheControl: "no-store",
                .contentDisposition: "attachment; filename=\"customer-\(pages.id).json\"",
            ],
            body: ResponseBody { writer in
                var document = ExportDocument(profile, pages)
                while let part = try await document.next() { try await writer.write(part) }
                try await writer.finish(nil)
            }
        )
    }
}
