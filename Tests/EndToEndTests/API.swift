import Foundation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Platform {
    /// A new organization's own program, with a key for everything.
    func newTenant(mode: String = "live") async throws -> API {
        let org = try await self.gateway.post(
            "/api/v1/orgs",
            ["name": "Acme", "slug": .string("acme-\(UUID())".lowercased())]
        )
        try #require(org.status == 201, "\(org.text)")
        // Without an operator's word it may not send SMS.
        let verified = try await self.gateway.patch("/api/v1/orgs/\(org.id)", ["sms_verified": true])
        try #require(verified.status == 200, "\(verified.text)")
        let key = try await self.gateway.post(
            "/api/v1/orgs/\(org.id)/keys",
            ["name": "server", "scopes": ["*"], "mode": .string(mode)]
        )
        try #require(key.status == 201, "\(key.text)")
        return self.gateway.with(key: key.json["secret"]?.string)
    }
}

extension API {
    /// Sets up a WhatsApp account that the stub answers for.
    ///
    /// Its number is one that nobody else has; it has no limits unless `settings` says otherwise.
    func newWhatsAppAccount(
        settings: JSONValue = ["rate_per_second": 10000, "pair_interval_ms": 0]
    ) async throws -> (id: String, number: String) {
        let number = "\(Int.random(in: 100_000_000_000...999_999_999_999))"
        let answer = try await self.post(
            "/api/v1/channel-accounts",
            [
                "channel": "whatsapp", "provider": "whatsapp_cloud", "name": "main", "is_default": true,
                "settings": settings,
                "credentials": [
                    "access_token": "token", "phone_number_id": .string(number),
                    "app_secret": .string(Platform.whatsAppSecret), "verify_token": "verify",
                ],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return (answer.id, number)
    }

    /// Sets up an account that takes mails at the URL with this token.
    func newSendGridAccount(token: String) async throws -> String {
        let answer = try await self.post(
            "/api/v1/channel-accounts",
            [
                "channel": "email", "provider": "sendgrid", "name": "mail",
                "credentials": ["api_key": "SG.x", "from": "shop@example.com", "inbound_token": .string(token)],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }

    /// Sets up the default account of email, whose mails the stub takes, and reports with its own key.
    func newSendGridAccount(events stub: RunningProviderStub) async throws -> String {
        let answer = try await self.post(
            "/api/v1/channel-accounts",
            [
                "channel": "email", "provider": "sendgrid", "name": "main", "is_default": true,
                "credentials": [
                    "api_key": "SG.main.secret", "from": "shop@example.com",
                    "webhook_public_key": .string(stub.sendGridPublicKey),
                ],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }

    /// Sets up the default account of email, with the mail server at `port` of this machine.
    func newSMTPAccount(port: String) async throws -> String {
        let answer = try await self.post(
            "/api/v1/channel-accounts",
            [
                "channel": "email", "provider": "smtp", "name": "main", "is_default": true,
                "credentials": ["host": "127.0.0.1", "port": .string(port), "tls": "none", "from": "shop@example.com"],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }

    func newTwilioAccount() async throws -> String {
        let answer = try await self.post(
            "/api/v1/channel-accounts",
            [
                "channel": "sms", "provider": "twilio", "name": "main", "is_default": true,
                "credentials": [
                    "account_sid": "AC00000000000000000000000000000001", "auth_token": .string(Platform.twilioToken),
                    "from": "+15550009999",
                ],
            ]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }

    /// Sends one message and returns its id.
    func sendMessage(_ message: JSONValue) async throws -> String {
        let answer = try await self.post("/api/v1/messages", message)
        try #require(answer.status == 202, "\(answer.text)")
        return answer.id
    }

    func status(of id: String) async throws -> String {
        try await self.get("/api/v1/messages/\(id)").json["status"]?.string ?? ""
    }
}
