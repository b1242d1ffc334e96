import InternalAPI
import Postgres
import Shared

/// Says what would become of a message, by the same rules as a real one: nothing is stored, nothing is sent.
struct DryRunMessage: Sendable {
    let accounts: ChooseAccounts
    let postgres: PostgresPool

    /// - Returns: the resource as it would be, `rendered`, and `gates` with the verdict of each.
    func callAsFunction(_ request: CreateRequest) async throws -> JSONValue {
        let message = request.message
        guard case .address(let address) = message.recipient, let channel = message.channel else {
            throw Problem.invalidRequest([
                .init(pointer: "/to", detail: "and channel are required for a dry run")
            ])
        }
        let wish = ChooseAccounts.Wish(
            orgID: request.orgID,
            mode: request.mode,
            channel: channel,
            accountID: message.accountID
        )
        guard let choice = try await self.accounts([wish]).first else { throw Problem.internal }
        let account = try choice.get()
        let isBlocked = try await self.isBlocked(account.id, of: request.orgID)
        let now = Timestamp.now
        let isLater = message.scheduledAt.map { $0 > now } ?? false
        let resource = MessageResource(
            id: .new(at: now),
            orgID: request.orgID,
            channel: channel,
            status: isLater ? .scheduled : .queued,
            to: address.value,
            customerID: nil,
            conversationID: nil,
            accountID: account.id,
            content: message.content.json,
            category: message.category,
            reference: message.reference,
            metadata: message.metadata,
            maxAttempts: message.retryPolicy.delays.count + 1,
            onUncertain: message.onUncertain,
            scheduledAt: message.scheduledAt,
            nextAttemptAt: message.scheduledAt ?? now,
            expiresAt: message.expiresAt,
            createdAt: now,
            updatedAt: now,
            queuedAt: isLater ? nil : now
        )
        let gates: [JSONValue] = [
            Self.gate("schedule", isLater ? "wait" : "pass", message.scheduledAt.map { "due at \($0)" }),
            Self.gate("account", isBlocked ? "wait" : "pass", isBlocked ? "the provider refuses the account" : nil),
        ]
        var members = resource.members.filter { $0.0 != "id" }
        members += [("rendered", message.content.json), ("gates", .array(gates))]
        return .object(members: members)
    }

    private func isBlocked(_ id: AccountID, of orgID: OrgID) async throws -> Bool {
        let rows = try await self.postgres.transaction(for: [orgID]) { connection in
            try connection.query(
                """
                SELECT coalesce(blocked_until > now(), false) AS is_blocked FROM channel_accounts
                 WHERE org_id = \(orgID) AND id = \(id)
                """
            )
        }
        return try rows.first?.get("is_blocked") ?? false
    }

    private static func gate(_ name: String, _ verdict: String, _ detail: String?) -> JSONValue {
        .object(members: [("gate", .string(name)), ("verdict", .string(verdict)), ("detail", .text(detail))])
    }
}
