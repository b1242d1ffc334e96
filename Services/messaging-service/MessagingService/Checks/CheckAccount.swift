import AuditTrail
import Postgres
import Secrets
import ServiceLifecycle
import Shared

/// Has a worker ask the provider whether an account's credentials work, and waits for the answer.
///
/// Nothing follows from the answer: who parked an account resumes it.
struct CheckAccount: Sendable {
    /// What a request waits for a worker and its provider.
    static let patience: Duration = .seconds(10)
    /// Between two looks for the answer.
    static let pace: Duration = .milliseconds(100)
    /// A check without an answer is in the way of the next one for so long.
    static let standing: Duration = .seconds(30)

    let postgres: PostgresPool
    let secrets: SecretBox
    let clock: any Clock<Duration>

    /// - Throws: `Problem` `not-found`, `test-key`, `check-in-progress`, `account-changed`; a secret that does not open.
    /// - Returns: the check, without a status when nobody answered in time.
    func callAsFunction(_ id: AccountID, for acting: Acting, requestID: String) async throws -> StoredCheck {
        let key = AccountKey(orgID: acting.orgID, accountID: id)
        let begun = try await self.postgres.transaction(for: [key.orgID]) { connection in
            try self.begin(key, for: acting, requestID, on: connection)
        }
        for _ in 0..<Int(Self.patience / Self.pace) {
            // Nothing is lost by an early end: the account shows the answer.
            guard (try? await cancelWhenGracefulShutdown { try await self.clock.sleep(for: Self.pace) }) != nil else {
                break
            }
            let check = try await self.postgres.transaction(for: [key.orgID]) { connection in
                try connection.query(CheckStore.find(key)).first.flatMap { try StoredCheck($0) }
            }
            guard let check, check.id == begun.id else { throw Problem.accountChanged }
            if check.status != nil { return check }
        }
        return begun
    }

    private func begin(
        _ key: AccountKey,
        for acting: Acting,
        _ requestID: String,
        on connection: isolated PostgresConnection
    ) throws -> StoredCheck {
        guard let row = try connection.query(AccountStore.sealedAccounts([key])).first else { throw Problem.notFound }
        let account = try AccountStore.SealedAccount(row)
        guard acting.mode == .live || account.provider == .sandbox else { throw Problem.testKey }
        // A worker can not be told what does not open: its owner hears that now.
        _ = try self.secrets.openCredentials(account.credentials.bytes, at: account.place)
        let begun = try connection.query(CheckStore.begin(.new(), of: key, unlessAskedWithin: Self.standing))
        guard let check = try begun.first.flatMap({ try StoredCheck($0) }) else { throw Problem.checkInProgress }
        let act = Act(.check, by: acting.actor, requestID: requestID)
        try connection.query(
            AuditStore.insert([AuditRecord(act, on: .channelAccount, key.accountID.uuid, of: key.orgID)])
        )
        return check
    }
}

extension Problem {
    fileprivate static let checkInProgress = Problem(
        code: "check-in-progress",
        status: 409,
        title: "The account is being checked already: its `last_check` has the answer in a moment.",
        retryAfterSeconds: 1
    )

    fileprivate static let accountChanged = Problem(
        code: "account-changed",
        status: 409,
        title: "The account was changed or deleted while it was checked.",
        detail: "What the provider said is of the old credentials: check it again."
    )

    fileprivate static let testKey = Problem(
        code: "test-key",
        status: 403,
        title: "A test key reaches nothing but the sandbox: check this account with a live key."
    )
}
