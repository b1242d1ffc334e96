import InternalAPI
import Shared
import Synchronization

/// Opened secrets in memory: the hot path neither reads the database for them nor decrypts.
final class AccountCache: Sendable {
    /// Accounts held; beyond it any one of them makes room, and is read from the database when it is next needed.
    static let limit = 10_000

    private struct Number: Hashable {
        let provider: ProviderKind
        let number: String
    }

    private struct State {
        var accounts: [AccountID: KnownAccount] = [:]
        var numbers: [Number: AccountID] = [:]
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int = AccountCache.limit) {
        self.limit = limit
    }

    func find(_ query: MessagingAPI.WebhookAccountQuery) -> KnownAccount? {
        self.state.withLock { state in
            switch query {
            case .id(let id): state.accounts[id]
            case .number(let provider, let number):
                state.numbers[Number(provider: provider, number: number)].flatMap { state.accounts[$0] }
            }
        }
    }

    /// Keeps a copy, found by `query`: only the answer to a question by number says whose the number is.
    ///
    /// An account may claim one that is another's.
    func set(_ known: KnownAccount, foundBy query: MessagingAPI.WebhookAccountQuery) {
        self.state.withLock { state in
            let old = state.accounts[known.account.accountID]?.account
            if let old, old.number != known.account.number {
                Self.remove(known.account.accountID, from: &state)
            }
            if old == nil, state.accounts.count >= self.limit, let (any, _) = state.accounts.first {
                Self.remove(any, from: &state)
            }
            state.accounts[known.account.accountID] = known
            if case .number(let provider, let number) = query, number == known.account.number {
                state.numbers[Number(provider: provider, number: number)] = known.account.accountID
            }
        }
    }

    /// Notes that messaging-service was asked, so that nobody asks again at once.
    ///
    /// - Returns: false when someone else asked since `known` was read.
    func claimCheck(of known: KnownAccount, at time: Timestamp) -> Bool {
        self.state.withLock { state in
            let id = known.account.accountID
            guard let current = state.accounts[id], current.checkedAt <= known.checkedAt else { return false }
            state.accounts[id]?.checkedAt = time
            return true
        }
    }

    func remove(_ query: MessagingAPI.WebhookAccountQuery) {
        self.state.withLock { state in
            switch query {
            case .id(let id): Self.remove(id, from: &state)
            case .number(let provider, let number):
                state.numbers[Number(provider: provider, number: number)] = nil
            }
        }
    }

    private static func remove(_ id: AccountID, from state: inout State) {
        guard let known = state.accounts.removeValue(forKey: id), let number = known.account.number else { return }
        let key = Number(provider: known.account.provider, number: number)
        if state.numbers[key] == id { state.numbers[key] = nil }
    }
}
