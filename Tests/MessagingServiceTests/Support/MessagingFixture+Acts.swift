import InternalAPI
import Logging
import Postgres
import Shared
import TestSupport

@testable import MessagingService

extension MessagingFixture {
    /// The person whose acts these are.
    var acting: Acting { Acting(orgID: self.orgID, actor: "key:person", mode: .live) }

    var act: ActOnMessages {
        ActOnMessages(change: self.change, delete: DeleteMessages(postgres: self.postgres, due: self.due))
    }

    /// Does one thing to one message.
    @discardableResult
    func act(_ action: JobAction, on id: MessageID) async throws -> ChangeMessages.Effect? {
        try await self.act(action, on: [self.key(id)], by: self.acting.actor, requestID: "r").first
    }

    /// Decides about an uncertain message.
    @discardableResult
    func resolve(_ id: MessageID, as resolution: Resolution) async throws -> ChangeMessages.Effect? {
        let act = Act(
            .resolve,
            by: self.acting.actor,
            requestID: "r",
            detail: ["outcome": .string(resolution.rawValue)]
        )
        return try await self.change([self.key(id)], as: act) { settlement, now throws(ActRefusal) in
            try settlement.resolve(resolution, now: now)
        }.first
    }

    /// Edits a message: the fields of `PATCH /messages/{id}`.
    func edit(_ id: MessageID, _ fields: JSONValue) async throws {
        let edit = EditMessage(postgres: self.postgres, prepare: self.prepare, due: self.due)
        try await edit(fields, of: id, for: self.acting, requestID: "r")
    }

    /// Sets up an account of the provider, with credentials that it may have.
    @discardableResult
    func account(_ provider: ProviderKind, _ settings: JSONObject = [:]) async throws -> AccountID {
        let credentials: JSONObject =
            switch provider {
            case .whatsappCloud:
                ["access_token": "t", "phone_number_id": "1234567890", "app_secret": "s", "verify_token": "v"]
            case .twilio: ["account_sid": "AC1", "auth_token": "t", "from": "+15550001111"]
            case .smtp: ["host": "localhost", "port": "25", "tls": "none", "from": "a@example.com"]
            case .sendgrid: ["api_key": "k", "from": "a@example.com"]
            case .http: ["url": "https://example.com", "secret": "a-secret-of-the-tests"]
            case .sandbox: [:]
            }
        let account = try NewAccount([
            "channel": .string(provider.channel.rawValue), "provider": .string(provider.rawValue), "name": "main",
            "credentials": .object(credentials), "settings": .object(settings), "is_default": true,
        ])
        let create = CreateAccount(postgres: self.postgres, secrets: self.secrets)
        if provider == .twilio { try await self.setVerified(true) }
        return try await create(account, for: self.acting, requestID: "r").id
    }

    /// As an operator does it, so that the organization may send SMS.
    func setVerified(_ isVerified: Bool) async throws {
        try await self.rows(
            """
            INSERT INTO org_settings (org_id, sms_verified) VALUES (\(self.orgID), \(isVerified))
            ON CONFLICT (org_id) DO UPDATE SET sms_verified = EXCLUDED.sms_verified
            """
        )
    }

    /// Parks and resumes accounts, and wakes the walk as the service does.
    var parkAccount: ParkAccount {
        ParkAccount(postgres: self.postgres, walk: WakeWalk(engine: self.engine, probe: self.probe))
    }

    var probe: ProbeDueWork {
        ProbeDueWork(
            engine: self.engine,
            due: self.due,
            sweep: SweepSandbox(change: self.change),
            clock: ContinuousClock(),
            logger: .quiet
        )
    }
}
