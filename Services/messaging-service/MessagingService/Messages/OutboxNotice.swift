import Postgres
import Shared

/// Tells the other replicas which accounts have new work: a hint, which `ProbeDueWork` stands in for when it is lost.
package struct OutboxNotice: Sendable {
    package static let channel = "herald_outbox"
    /// Accounts that one notice names, of 75 bytes each: Postgres takes 7,999 bytes.
    package static let mostAccounts = 100

    /// What a replica is told.
    package enum Heard: Sendable, Equatable {
        /// What it said itself.
        case own
        case accounts([DueAccount])
        /// There is work, and not said for whom: there were too many.
        case something
        /// Accounts that stood outside may be claimed from again.
        case everything
    }

    private static let everything = "everything"

    /// Names this replica, so that it does not hear itself.
    package let replica: String

    package init(replica: String) {
        self.replica = replica
    }

    func sql(_ accounts: Set<DueAccount>) -> SQL {
        "SELECT pg_notify(\(Self.channel)::text, \(self.payload(accounts))::text)"
    }

    static let toLookAtAll: SQL = "SELECT pg_notify(\(Self.channel)::text, \(Self.everything)::text)"

    package func payload(_ accounts: Set<DueAccount>) -> String {
        guard accounts.count <= Self.mostAccounts else { return self.replica }
        return ([self.replica] + accounts.map(\.word)).joined(separator: " ")
    }

    package func heard(_ payload: String) -> Heard {
        let words = payload.split(separator: " ")
        if words.first.map(String.init) == self.replica { return .own }
        if payload == Self.everything { return .everything }
        let accounts = words.dropFirst().compactMap { DueAccount(word: $0) }
        return accounts.isEmpty || accounts.count < words.count - 1 ? .something : .accounts(accounts)
    }
}

extension DueAccount {
    fileprivate var word: String {
        let urgency = self.urgency == .otp ? "u" : "o"
        return "\(urgency)\(self.account.orgID)/\(self.account.accountID)"
    }

    fileprivate init?(word: Substring) {
        let ids = word.dropFirst().split(separator: "/").map(String.init)
        guard ids.count == 2, let orgID = OrgID(ids[0]), let accountID = AccountID(ids[1]), let first = word.first,
            first == "u" || first == "o"
        else { return nil }
        self.init(AccountKey(orgID: orgID, accountID: accountID), first == "u" ? .otp : .ordinary)
    }
}
