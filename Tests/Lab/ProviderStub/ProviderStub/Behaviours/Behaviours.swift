import Synchronization

/// The rules in force.
///
/// The most specific one wins: recipient before account before provider.
package final class Behaviours: Sendable {
    /// Far above what a test sets, and still only some megabytes.
    static let maximumRules = 100_000

    private let rules = Mutex<[BehaviourMatch: BehaviourRule]>([:])

    /// Sets or replaces the rule of this match.
    ///
    /// - Returns: whether there was room for it.
    @discardableResult
    package func set(_ rule: BehaviourRule, for match: BehaviourMatch = BehaviourMatch()) -> Bool {
        self.rules.withLock { rules in
            guard rules[match] != nil || rules.count < Self.maximumRules else { return false }
            rules[match] = rule
            return true
        }
    }

    /// Back to accepting everything.
    package func removeAll() {
        self.rules.withLock { $0.removeAll() }
    }

    /// The rule for one request; counts it as used.
    func take(provider: StubProvider, to recipient: String, account: String) -> BehaviourRule {
        self.rules.withLock { rules in
            guard !rules.isEmpty else { return BehaviourRule(.accept) }
            for match in Self.matches(provider: provider, to: recipient, account: account) {
                guard let rule = rules[match] else { continue }
                switch rule.times {
                case nil: break
                case .some(...1): rules[match] = nil
                case .some(let times): rules[match]?.times = times - 1
                }
                return rule
            }
            return BehaviourRule(.accept)
        }
    }

    /// Every match that could be set for this request, most specific first.
    private static func matches(provider: StubProvider, to recipient: String, account: String) -> [BehaviourMatch] {
        let recipient = BehaviourMatch.normalized(recipient)
        return [recipient, nil].flatMap { to in
            [account, nil].flatMap { account in
                [provider, nil].map { BehaviourMatch(provider: $0, to: to, account: account) }
            }
        }
    }
}
