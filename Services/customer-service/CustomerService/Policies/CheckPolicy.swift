import InternalAPI
import Postgres
import Secrets
import Shared

/// Says of messages whether they may be sent to their recipients now, and counts those that may.
///
/// An address on the do-not-contact list gets nothing, whoever has it; nor does a customer who opted out, nor the address of one
/// who was erased since, until its new owner says otherwise. Of whom nothing is known may be sent to, unless the organization asks for an opt-in to marketing. One-time passwords count as transactional.
/// Marketing waits for the end of the recipient's quiet hours, and what the cap is for stops at it; no rule lets anything pass
/// that a consent forbids.
struct CheckPolicy: Sendable {
    let postgres: PostgresPool
    let marks: AddressMarks

    /// Answers each of `items`, of any organizations, in their order.
    func callAsFunction(_ items: [CustomerAPI.PolicyCheck]) async throws -> [CustomerAPI.PolicyVerdict] {
        guard !items.isEmpty else { return [] }
        return try await self.postgres.answers(to: items, orgID: \.orgID) { items, connection in
            try self.verdicts(of: items, on: connection)
        }
    }

    /// As above, at the end of a transaction that sees all of the organizations.
    func verdicts(
        of items: [CustomerAPI.PolicyCheck],
        on connection: isolated PostgresConnection
    ) throws -> [CustomerAPI.PolicyVerdict] {
        guard !items.isEmpty else { return [] }
        if !items.contains(where: \.mayBeCounted) { connection.concludeWithNext() }
        let marks = items.map { self.marks.all(of: $0.address.value, $0.orgID) }
        let standings = try StandingStore.standings(of: items, marks: marks, on: connection)
        var verdicts = zip(items, standings).map { item, standing in standing.verdict(of: item) }
        let counted = items.indices.compactMap { index -> CountedItem? in
            guard verdicts[index] == .allowed, items[index].mayBeCounted,
                let cap = items[index].rules.cap(of: items[index].category),
                let customerID = standings[index].customerID
            else { return nil }
            return CountedItem(index: index, check: items[index], customerID: customerID, cap: cap)
        }
        let refused = try SendStore.count(counted, on: connection)
        for index in refused { verdicts[index] = .blocked(.capped) }
        return verdicts
    }
}

extension CustomerAPI.PolicyCheck {
    /// Whether there is a cap that it counts for.
    fileprivate var mayBeCounted: Bool { self.stage != .creation && self.rules.cap(of: self.category) != nil }
}

/// What is known of a recipient that matters for one message.
struct RecipientStanding: Sendable {
    /// Nil for who is not known.
    var customerID: CustomerID?
    var isSuppressed = false
    /// Nil when the customer was never asked.
    var status: ConsentStatus?
    /// The customer's, when it is known.
    var timezone: String?

    /// But for the cap, which needs a count.
    func verdict(of check: CustomerAPI.PolicyCheck) -> CustomerAPI.PolicyVerdict {
        if self.isSuppressed { return .blocked(.suppressed) }
        switch self.status {
        case .optedOut: return .blocked(.optedOut)
        case .optedIn: break
        case nil:
            let needsOptIn = check.rules.marketingNeedsOptIn && ConsentPurpose(check.category) == .marketing
            if needsOptIn { return .blocked(.notOptedIn) }
        }
        guard check.stage != .creation, check.category == .marketing,
            let end = check.rules.quietHours?.end(at: check.at, in: self.timezone)
        else { return .allowed }
        return .waits(until: end)
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
