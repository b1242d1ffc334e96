import HTTPService
import Hummingbird
import Idempotency
import Shared

/// The route `/internal/customers/batch`, which the api-gateway forwards from `/api/v1/customers/batch`.
struct CustomerBatchRoutes: Sendable {
    let createOnce: CreateOnce

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/customers/batch", use: self.upsert)
    }

    /// Makes or changes up to 1,000 customers, each by itself: 207 with a result for each, in order.
    ///
    /// - Errors: 409 `idempotency-key-in-use`; 413 `body-too-large`; 422 `invalid-request` when the body is no batch,
    ///   `idempotency-key-reused`.
    @Sendable private func upsert(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        try await self.createOnce(
            "customers.batch",
            request,
            context,
            upTo: Limits.batchBytes
        ) { body, connection in
            var fields = JSONFields(body, at: "")
            let elements = fields.requiredArray("customers", 1...Limits.batchCustomers)
            try fields.finish()
            let read = elements.enumerated().map { index, element in
                Result { () throws(Problem) in
                    try BatchCustomer(element, index: index, region: context.acting.defaultRegion)
                }
            }
            let valid = read.compactMap { try? $0.get() }
            var upserted = try UpsertCustomers.upsert(valid, for: context, on: connection)[...]
            let results = read.enumerated().map { index, customer in
                let result = customer.flatMap { _ in upserted.popFirst() ?? .failure(.internal) }
                return Self.json(index, result, requestID: context.id)
            }
            return .init(
                status: .init(code: 207, reasonPhrase: "Multi-Status"),
                json: ["data": .array(results)]
            )
        }
    }

    private static func json(
        _ index: Int,
        _ result: Result<UpsertPlan.Upserted, Problem>,
        requestID: String
    ) -> JSONValue {
        let place = ("index", JSONValue.number(JSONNumber(index)))
        switch result {
        case .success(let customer):
            var members: [(String, JSONValue)] = [
                place, ("id", .text(customer.id)), ("status", customer.isNew ? 201 : 200), ("error", .null),
            ]
            if !customer.kept.isEmpty {
                let kept = customer.kept.map { key -> JSONValue in
                    ["channel": .string(key.channel.rawValue), "purpose": .string(key.purpose.rawValue)]
                }
                members.append(("kept_opt_outs", .array(kept)))
            }
            return .object(members: members)
        case .failure(let problem):
            return .object(members: [
                place, ("id", .null), ("status", .number(JSONNumber(problem.status))),
                ("error", problem.body(requestID: requestID)),
            ])
        }
    }
}
