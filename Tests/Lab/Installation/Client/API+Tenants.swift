import Foundation
import ProviderStub
package import Shared
package import TestClient

extension Installation {
    /// A new organization's own program, with a key for everything; one that is not verified may not send SMS.
    package func newTenant(isVerified: Bool = true) async throws -> API {
        let org = try await self.gateway.post(
            "/api/v1/orgs",
            ["name": "Acme", "slug": .string("acme-\(UUID())".lowercased())]
        ).expecting(201)
        let settings: JSONValue = ["sms_verified": .bool(isVerified)]
        _ = try await self.gateway.patch("/api/v1/orgs/\(org.id)", settings).expecting(200)
        let key = try await self.gateway.post(
            "/api/v1/orgs/\(org.id)/keys",
            ["name": "server", "scopes": ["*"], "mode": "live"]
        ).expecting(201)
        return self.gateway.with(key: key.json["secret"]?.string)
    }
}

extension API {
    /// As fast as it goes: what is measured is the engine, not an account's limit.
    ///
    /// Nor does a message step aside that fails for long: the order is kept whatever happens.
    package static let unlimited: JSONValue = ["rate_per_second": 10000, "order_patience_seconds": 86_400]
    package static let unlimitedWhatsApp: JSONValue = [
        "rate_per_second": 10000, "order_patience_seconds": 86_400, "pair_interval_ms": 0,
    ]

    /// Sets up a WhatsApp account that the stub answers for.
    ///
    /// - Returns: its number, by which the stub tells accounts apart; nobody else has it.
    @discardableResult
    package func newWhatsAppAccount(settings: JSONValue = API.unlimitedWhatsApp) async throws -> String {
        let number = "\(Int.random(in: 100_000_000_000...999_999_999_999))"
        try await self.newAccount(
            "whatsapp",
            "whatsapp_cloud",
            [
                "access_token": "token", "phone_number_id": .string(number),
                "app_secret": .string(Installation.whatsAppSecret), "verify_token": "verify",
            ],
            settings
        )
        return number
    }

    /// What the stub knows a Twilio account by.
    package static func twilioSID(_ number: Int) -> String {
        "AC" + String(repeating: "0", count: 30) + (number < 10 ? "0" : "") + "\(number)"
    }

    /// Sets up a Twilio account that the stub answers for; each number can belong to one organization.
    package func newTwilioAccount(_ number: Int = 1) async throws {
        try await self.newAccount(
            "sms",
            "twilio",
            [
                "account_sid": .string(Self.twilioSID(number)), "auth_token": .string(Installation.twilioToken),
                "from": .string("+1555000\(10_000 - number)"),
            ],
            Self.unlimited
        )
    }

    /// Sets up an account whose webhooks go to `url`, signed as the stub expects it.
    package func newReceiver(at url: String) async throws {
        try await self.newAccount(
            "webhook",
            "http",
            ["url": .string(url), "secret": .string(ProviderStubSettings.usualWebhookSecret)],
            Self.unlimited
        )
    }

    /// Sets up an account of a mail server on this machine that speaks without TLS.
    package func newMailAccount(port: Int) async throws {
        try await self.newAccount(
            "email",
            "smtp",
            ["host": "127.0.0.1", "port": .string("\(port)"), "tls": "none", "from": "shop@example.com"],
            Self.unlimited
        )
    }

    @discardableResult
    private func newAccount(
        _ channel: String,
        _ provider: String,
        _ credentials: JSONValue,
        _ settings: JSONValue
    ) async throws -> String {
        let answer = try await self.post(
            "/api/v1/channel-accounts",
            [
                "channel": .string(channel), "provider": .string(provider), "name": "main", "is_default": true,
                "credentials": credentials, "settings": settings,
            ]
        )
        return try answer.expecting(201).id
    }
}
