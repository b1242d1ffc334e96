import InternalAPI
import Postgres
import Shared

/// Says of messages whether their recipients want them.
///
/// An address on the do-not-contact list gets nothing, whoever has it; nor does a customer who opted out. Of whom nothing is
/// known may be sent to, unless the organization asks for an opt-in to marketing. One-time passwords count as transactional.
struct CheckConsents: Sendable {
    let postgres: PostgresPool

    /// Answers each of `items`, of any organizations, in their order.
    func callAsFunction(_ items: [CustomerAPI.ConsentCheck]) async throws -> [CustomerAPI.ConsentVerdict] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            try CheckStore.standings(of: items, on: connection).enumerated().map { index, standing in
                standing.verdict(marketingNeedsOptIn: items[index].marketingNeedsOptIn, items[index].category)
            }
        }
    }
}

/// What is known of a recipient that matters for one message.
struct ConsentStanding: Sendable {
    var isSuppressed = false
    /// Nil when the customer was never asked.
    var status: ConsentStatus?

    func verdict(marketingNeedsOptIn: Bool, _ category: Category) -> CustomerAPI.ConsentVerdict {
        if self.isSuppressed { return .blocked(.suppressed) }
        switch self.status {
        case .optedOut: return .blocked(.optedOut)
        case .optedIn: return .allowed
        case nil:
            let needsOptIn = marketingNeedsOptIn && ConsentPurpose(category) == .marketing
            return needsOptIn ? .blocked(.notOptedIn) : .allowed
        }
    }
}

extension ConsentPurpose {
    /// What a category of messages is for.
    init(_ category: Category) {
        switch category {
        case .otp, .transactional: self = .transactional
        case .marketing: self = .marketing
        }
    }
}
