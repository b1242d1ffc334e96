import AuditTrail
import HTTPService
import Hummingbird
import InternalAPI
import NIOCore
import Postgres
import Shared

/// The route `/audit-verification`: compares what each service keeps of the trail with its seals, step by step.
struct VerificationRoutes: Sendable {
    /// Whose part of the trail it is, in the order in which they are looked at; the name is the public API's.
    enum Part: String, CaseIterable {
        case organization, customers, conversations, messages, inbox

        /// Nil for our own.
        var service: ServiceName? {
            switch self {
            case .organization: nil
            case .customers: .customerService
            case .conversations: .conversationService
            case .messages: .messagingService
            case .inbox: .inboundGateway
            }
        }

        var next: Part? { Self.allCases.drop { $0 != self }.dropFirst().first }
    }

    private static let path: InternalPath = "/internal/audit-verification"

    let postgres: PostgresPool
    let forward: ForwardRequest

    var routes: [TenantRoute] { [TenantRoute(.get, "/audit-verification", .auditRead, use: self.verify)] }

    /// Makes the next step: 200 with what is wrong in it.
    ///
    /// - Errors: 400 `invalid-query`; 503 `unavailable` with the service that did not answer.
    @Sendable private func verify(_ request: Request, context: TenantRequestContext) async throws -> RawJSON {
        var query = QueryParameters(request)
        let place = Self.place(&query)
        let known = Self.known(&query)
        try query.finish()
        let (part, number) = place
        let step = try await self.step(of: part, after: number, known: known[part], context)
        let goesOn = step["next"]?.int
        let next = goesOn.map { "\(part.rawValue):\($0)" } ?? part.next.map { "\($0.rawValue):0" }
        var members: [(String, JSONValue)] = [("part", .string(part.rawValue)), ("is_end", .bool(goesOn == nil))]
        members += (step.object?.members ?? []).filter { $0.name != "next" }.map { ($0.name, $0.value) }
        return RawJSON(.object(members: members + [("next_cursor", .text(next))]))
    }

    private func step(
        of part: Part,
        after number: Int,
        known: KnownSeal?,
        _ context: TenantRequestContext
    ) async throws -> JSONValue {
        guard let service = part.service else {
            return try await VerifyTrail(postgres: self.postgres)(of: context.orgID, after: number, known: known).json
        }
        let question = "after=\(number)" + (known.map { "&known=\($0.text)" } ?? "")
        let answer = try await self.forward.get(Self.path, of: service, query: question, context)
        guard let step = try? JSONValue(parsing: Array(answer.body.readableBytesView)), step["data"]?.array != nil
        else {
            throw Problem.unavailable(service.rawValue)
        }
        return step
    }

    private static func place(_ query: inout QueryParameters) -> (Part, Int) {
        guard let text = query.string("cursor") else { return (.organization, 0) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let part = Part(rawValue: parts[0]), let number = Int(parts[1]), number >= 0 else {
            query.violation(at: "cursor", "must be the next_cursor of an earlier step")
            return (.organization, 0)
        }
        return (part, number)
    }

    /// Reads `known`: `<part>:<number>:<hash>`, several with commas between them.
    private static func known(_ query: inout QueryParameters) -> [Part: KnownSeal] {
        var known: [Part: KnownSeal] = [:]
        for text in query.string("known")?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let part = Part(rawValue: parts[0]), let seal = KnownSeal(parts[1]),
                known[part] == nil
            else {
                query.violation(at: "known", "must be seals as <part>:<number>:<hash>, one for each part")
                return [:]
            }
            known[part] = seal
        }
        return known
    }
}
