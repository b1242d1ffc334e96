package import Postgres
package import Secrets
package import Shared

/// An account that a message can be sent by.
package struct ChosenAccount: Sendable, Equatable {
    package let id: AccountID
    package let channel: Channel
    package let provider: ProviderKind
    package let isDefault: Bool
    /// The account's, or else its organization's; nil when neither has one.
    package let retryPolicy: RetryPolicy?
    /// How far the organization's clock is ahead of ours.
    package let clockOffset: Duration
    /// Of SMS that it sends.
    package let smsStyle: SMSText.Style
    /// The organization's.
    package let rules: SendingRules
    /// Whether an operator has verified the organization.
    package let isSMSVerified: Bool

    /// Whether the organization may send SMS by it; nothing leaves the sandbox.
    package var mayUseSMS: Bool { self.isSMSVerified || self.provider == .sandbox }
}

/// Finds the account of each message: the one it names, its channel's default, or the only one there is.
///
/// The sandbox's account is made when it is first needed, so that a new organization can try things out at once.
/// Test keys reach the sandbox only.
package struct ChooseAccounts: Sendable {
    package struct Wish: Sendable {
        package let orgID: OrgID
        package let mode: KeyMode
        package let channel: Channel
        package let accountID: AccountID?
    }

    let postgres: PostgresPool
    let secrets: SecretBox

    package init(postgres: PostgresPool, secrets: SecretBox) {
        self.postgres = postgres
        self.secrets = secrets
    }

    /// - Returns: one answer for each wish, in their order.
    package func callAsFunction(_ wishes: [Wish]) async throws -> [Result<ChosenAccount, Problem>] {
        guard !wishes.isEmpty else { return [] }
        let orgs = Array(Set(wishes.map(\.orgID)))
        var choices = try await self.choices(of: orgs)
        let withoutSandbox = Set(wishes.filter(\.isSandbox).map(\.orgID)).filter { orgID in
            !(choices[orgID] ?? []).contains { $0.provider == .sandbox }
        }
        if !withoutSandbox.isEmpty {
            try await self.makeSandboxes(for: Array(withoutSandbox))
            choices = try await self.choices(of: orgs)
        }
        return wishes.map { $0.choose(from: choices[$0.orgID] ?? []) }
    }

    private func choices(of orgs: [OrgID]) async throws -> [OrgID: [ChosenAccount]] {
        try await self.postgres.transaction(for: orgs, plans: .kept) { connection in
            connection.concludeWithNext()
            return try AccountStore.choices(of: orgs, on: connection)
        }
    }

    private func makeSandboxes(for orgs: [OrgID]) async throws {
        for orgID in orgs.sorted() {
            let id = AccountID.new()
            let sealed = try self.secrets.seal(Credentials([:]), at: AccountStore.place(of: id, orgID: orgID))
            let account = NewAccount(
                channel: .sandbox,
                provider: .sandbox,
                name: "sandbox",
                credentials: Credentials([:]),
                settings: [:],
                isDefault: true,
                number: nil
            )
            do {
                _ = try await self.postgres.transaction(for: [orgID]) { connection in
                    try AccountStore.insert(account, id: id, orgID: orgID, sealed: sealed, on: connection)
                }
            } catch PostgresError.uniqueViolation {
                // Another request made it at the same moment.
            }
        }
    }
}

extension ChooseAccounts.Wish {
    var isSandbox: Bool { self.mode == .test || self.channel == .sandbox }

    func choose(from accounts: [ChosenAccount]) -> Result<ChosenAccount, Problem> {
        if let accountID {
            guard let account = accounts.first(where: { $0.id == accountID }) else { return .failure(.unknownAccount) }
            guard account.channel == self.channel || account.provider == .sandbox else {
                return .failure(.otherChannel(account.channel))
            }
            guard self.mode == .live || account.provider == .sandbox else { return .failure(.testKeyOnLiveAccount) }
            return .success(account)
        }
        let fitting = accounts.filter { self.isSandbox ? $0.provider == .sandbox : $0.channel == self.channel }
        guard let account = fitting.first(where: \.isDefault) ?? (fitting.count == 1 ? fitting.first : nil) else {
            return .failure(fitting.isEmpty ? .noAccount(self.channel) : .noDefaultAccount(self.channel))
        }
        return .success(account)
    }
}

extension Problem {
    fileprivate static let unknownAccount = Problem.invalidRequest([
        .init(pointer: "/account_id", detail: "is not an account of this organization")
    ])

    fileprivate static let testKeyOnLiveAccount = Problem.invalidRequest([
        .init(pointer: "/account_id", detail: "is a live account, which a test key can not use")
    ])

    fileprivate static func otherChannel(_ channel: Channel) -> Problem {
        .invalidRequest([.init(pointer: "/account_id", detail: "belongs to the channel \(channel.rawValue)")])
    }

    fileprivate static func noAccount(_ channel: Channel) -> Problem {
        .invalidRequest([
            .init(
                pointer: "/channel",
                detail:
                    "has no account yet: create one of the channel \(channel.rawValue) with POST /api/v1/channel-accounts"
            )
        ])
    }

    fileprivate static func noDefaultAccount(_ channel: Channel) -> Problem {
        .invalidRequest([
            .init(
                pointer: "/account_id",
                detail: "is required: the channel \(channel.rawValue) has several accounts, and none is the default"
            )
        ])
    }
}
