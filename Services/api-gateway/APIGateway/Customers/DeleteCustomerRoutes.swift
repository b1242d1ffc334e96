import HTTPService
import HTTPTypes
import Hummingbird
import InternalAPI
import NIOHTTP1
import Shared

/// The route `DELETE /customers/{id}`, which asks messaging-service first whether something is still to be sent.
struct DeleteCustomerRoutes: Sendable {
    let forward: ForwardRequest

    var routes: [TenantRoute] { [TenantRoute(.delete, "/customers/{id}", .customersWrite, use: self.delete)] }

    /// Takes a customer off the books: 204.
    ///
    /// Messages and conversations stay.
    ///
    /// - Errors: 404 `not-found`; 409 `customer-has-unsent-messages`.
    @Sendable private func delete(_ request: Request, context: TenantRequestContext) async throws -> Response {
        let id = try context.id(of: Customer.self)
        let profile = try await self.forward.json("/internal/customers/\(id)/export", of: .customerService, context)
        let ids = [profile["customer"]?["id"]].compactMap(\.self) + (profile["merged_ids"]?.array ?? [])
        for id in ids.compactMap(\.string) {
            let unsent = try await self.forward.json(
                "/internal/messages",
                of: .messagingService,
                query: "limit=1&direction=outbound&status=scheduled,queued,sending,uncertain&customer_id=\(id)",
                context
            )
            guard unsent["data"]?.array?.isEmpty ?? true else { throw Problem.hasUnsentMessages }
        }
        guard let client = self.forward.clients[.customerService] else {
            throw Problem.unavailable(ServiceName.customerService.rawValue)
        }
        let answer = try await client.forward(
            InternalClient.ForwardedRequest(method: .DELETE, path: "/internal/customers/\(id)"),
            as: context.tenancy.acting,
            deadline: self.forward.deadlines.ordinary
        )
        guard answer.status == 204 else {
            throw answer.problem ?? .unavailable(ServiceName.customerService.rawValue)
        }
        return Response(status: .noContent)
    }
}

extension Problem {
    fileprivate static let hasUnsentMessages = Problem(
        code: "customer-has-unsent-messages",
        status: 409,
        title: "Messages to this customer are still to be sent, or their outcome is not known yet.",
        detail: "Cancel them first, or erase the customer, which does so."
    )
}
