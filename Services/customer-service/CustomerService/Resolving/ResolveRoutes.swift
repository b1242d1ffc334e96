import HTTPService
import Hummingbird
import InternalAPI
import Shared

/// Routes under `/internal/customers` that services call for themselves, for any organizations.
struct ResolveRoutes: Sendable {
    /// Items in one call: as many as a batch of messages has.
    static let mostItems = Limits.batchMessages

    let resolveCustomers: ResolveCustomers

    func add(to router: some RouterMethods<ServiceRequestContext>) {
        router.post("/internal/customers/resolve", use: self.resolve)
    }

    /// Finds the customer of each address, makes those that are missing, and says whether they want what is to be sent.
    ///
    /// - Errors: 400 `malformed-json`; 422 `too-many-items`; 422 `invalid-request` for an address that no channel has.
    @Sendable private func resolve(_ request: Request, context: ServiceRequestContext) async throws -> JSONResponse {
        let questions = try await request.decodeInternal(CustomerAPI.ResolveRequest.self).questions
        guard questions.count <= Self.mostItems else { throw Problem.tooManyItems }
        try Self.check(questions)
        return JSONResponse(.ok, CustomerAPI.ResolveAnswer(answers: try await self.resolveCustomers(questions)))
    }

    private static func check(_ questions: [CustomerAPI.Question]) throws(Problem) {
        let violations = questions.enumerated().compactMap { index, question -> Problem.Violation? in
            guard case .address(_, let address) = question.recipient, !address.isStorable else { return nil }
            return Problem.Violation(pointer: "/items/\(index)/address", detail: Address.storableRule)
        }
        guard violations.isEmpty else { throw .invalidRequest(violations) }
    }
}

extension Problem {
    static let tooManyItems = Problem(
        code: "too-many-items",
        status: 422,
        title: "A call has at most 1,000 items."
    )
}
