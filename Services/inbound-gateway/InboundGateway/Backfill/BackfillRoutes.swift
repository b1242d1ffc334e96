import AuditTrail
import HTTPService
import Hummingbird
import InternalAPI
import Postgres
import Providers
import Shared

/// The route `/internal/channel-accounts/{id}/backfill`, which the api-gateway forwards from the same path.
struct BackfillRoutes: Sendable {
    /// Days that can be asked for at once.
    static let mostDays = 30

    let postgres: PostgresPool
    let find: FindWebhookAccount
    let backfill: BackfillMessages
    let now: @Sendable () -> Timestamp

    func add(to router: some RouterMethods<OrgRequestContext>) {
        router.post("/internal/channel-accounts/:id/backfill", use: self.post)
    }

    /// Asks an account's provider for the messages since a time: 200 with how many there were; known ones change nothing.
    ///
    /// - Errors: 404 `not-found`, 409 `backfill-unsupported`, 422 `invalid-request`, 502 `provider-refused`.
    @Sendable private func post(_ request: Request, context: OrgRequestContext) async throws -> RawJSON {
        var fields = JSONFields(try await request.strictJSON(), at: "")
        let since = fields.requiredTimestamp("since")
        let now = self.now()
        if !(now - .seconds(Self.mostDays * 86_400)...now ~= since) {
            fields.violation(at: "since", "must lie within the last \(Self.mostDays) days")
        }
        try fields.finish()
        guard let id = context.parameters.get("id").flatMap({ AccountID($0) }),
            let account = try await self.find(.id(id)), account.account.orgID == context.orgID
        else { throw Problem.notFound }
        guard account.account.provider == BackfillMessages.provider else { throw Problem.backfillUnsupported }
        let audit = AuditRecord(
            .updated,
            .channelAccount,
            id,
            by: context,
            ["act": "backfill", "since": .string("\(since)")]
        )
        _ = try await self.postgres.transaction(for: [context.orgID]) { try $0.query(AuditStore.insert(audit)) }
        do {
            let count = try await self.backfill(account, since: since)
            return RawJSON(["messages": .number(JSONNumber(count))])
        } catch let failure as TwilioHistory.Failure {
            throw Problem(
                code: "provider-refused",
                status: 502,
                title: "The provider did not give its list of messages.",
                detail: "\(failure.reason.code): \(failure.reason.detail)"
            )
        }
    }
}

extension Problem {
    fileprivate static let backfillUnsupported = Problem(
        code: "backfill-unsupported",
        status: 409,
        title: "Only Twilio can be asked for past messages; other providers repeat their webhooks by themselves."
    )
}
