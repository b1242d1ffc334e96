import HTTPService
import Hummingbird
import InternalAPI
import PhoneNumbers
import Postgres
import Shared

/// How much of the cap recipients have used, which the api-gateway forwards from `/api/v1/customers/{id}/sends` and
/// `/api/v1/sends`.
///
/// customer-service counts, and the rules are here.
struct SendCountRoutes: Sendable {
    let sends: @Sendable (CustomerAPI.SendsQuery) async throws -> CustomerAPI.Sends?
    let now: OrgNow
    let postgres: PostgresPool

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.get("/internal/customers/:id/sends", use: self.ofCustomer)
        router.get("/internal/sends", use: self.ofAddress)
    }

    /// Counts what a customer was sent within the window.
    ///
    /// - Errors: 404 `not-found`.
    @Sendable private func ofCustomer(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        try query.finish()
        guard let id = context.parameters.get("id").flatMap({ CustomerID($0) }) else { throw Problem.notFound }
        return try await self.count(.customer(id), for: context)
    }

    /// Counts what the customer of an address was sent; of one that nobody has there is nothing.
    ///
    /// - Errors: 400 `invalid-query`.
    @Sendable private func ofAddress(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let channel = query.values("channel", Channel.self)?.first
        let text = query.string("address", Address.bytes)
        if channel == nil { query.violation(at: "channel", "is required") }
        if text == nil { query.violation(at: "address", "is required") }
        var address: Address?
        if let channel, let text {
            do {
                address = try Address(typed: text, for: channel, in: context.acting.defaultRegion)
            } catch {
                query.violation(at: "address", error.reason)
            }
        }
        try query.finish()
        guard let address else { throw Problem.notFound }
        return try await self.count(.address(address), for: context)
    }

    private func count(
        _ recipient: CustomerAPI.SendsQuery.Recipient,
        for context: OrgRequestContext
    ) async throws -> RawJSON {
        let orgID = context.orgID
        let rules = try await self.postgres.transaction(for: [orgID]) { connection in
            let rows = try connection.query("SELECT rules FROM org_settings WHERE org_id = \(orgID)")
            return try rows.first.map { try SendingRules($0) } ?? SendingRules()
        }
        let window = Duration.seconds(rules.capDays * 86_400)
        let since = try await self.now(for: context.acting) - window
        let query = CustomerAPI.SendsQuery(orgID: orgID, recipient: recipient, since: since, cap: rules.cap)
        guard let sends = try await self.sends(query) else { throw Problem.notFound }
        return RawJSON(sends.json(under: rules, window: window))
    }
}

extension CustomerAPI.Sends {
    fileprivate func json(under rules: SendingRules, window: Duration) -> JSONValue {
        let number = { (value: Int) in JSONValue.number(JSONNumber(value)) }
        return .object(members: [
            ("customer_id", .text(self.customerID)), ("count", number(self.count)),
            ("cap", rules.cap.map(number) ?? .null), ("window_days", number(rules.capDays)),
            ("remaining", rules.cap.map { number(max(0, $0 - self.count)) } ?? .null),
            ("counts_transactional", .bool(!rules.transactionalBypassesCap)),
            ("next_leaves_at", .text(self.oldest.map { $0 + window })),
            ("room_at", .text(self.blocking.map { $0 + window })),
        ])
    }
}
