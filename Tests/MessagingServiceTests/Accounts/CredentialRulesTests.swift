import Shared
import Testing

@testable import MessagingService

/// What an account's credentials must look like to be taken at all.
@Suite struct CredentialRulesTests {
    private static let twilio = ["account_sid": "AC1", "auth_token": "token", "from": "My Shop"]
    private static let whatsApp = [
        "access_token": "EAAG", "phone_number_id": "123", "app_secret": "a secret", "verify_token": "verify me",
    ]

    @Test func whatIsFreeTextMayHaveSpaces() throws {
        #expect(try Self.account("sms", "twilio", Self.twilio).credentials["from"] == "My Shop")
        #expect(try Self.account("whatsapp", "whatsapp_cloud", Self.whatsApp).credentials["app_secret"] == "a secret")
    }

    /// They would be refused when a message is sent, and the account parked for it.
    @Test(arguments: [
        ("auth_token", "to ken"), ("auth_token", "tok\u{7F}"), ("auth_token", "tökén"), ("account_sid", "AC 1"),
        ("account_sid", "AC/1"), ("messaging_service_sid", "MG 1"),
    ])
    func whatStandsInARequestHasNone(name: String, value: String) throws {
        let problem = try #require(throws: Problem.self) {
            try Self.account("sms", "twilio", Self.twilio.merging([name: value]) { $1 })
        }
        #expect(problem.violations.map(\.pointer).contains("/credentials/\(name)"))
        #expect(problem.status == 422)
    }

    @Test(arguments: [("access_token", "EA AG"), ("phone_number_id", "12 3"), ("phone_number_id", "12a")])
    func thatGoesForMetaToo(name: String, value: String) throws {
        let problem = try #require(throws: Problem.self) {
            try Self.account("whatsapp", "whatsapp_cloud", Self.whatsApp.merging([name: value]) { $1 })
        }
        #expect(problem.violations.map(\.pointer).contains("/credentials/\(name)"))
    }

    private static func account(
        _ channel: String,
        _ provider: String,
        _ credentials: [String: String]
    ) throws -> NewAccount {
        var members = JSONObject()
        for (name, value) in credentials { members[name] = .string(value) }
        return try NewAccount([
            "channel": .string(channel), "provider": .string(provider), "name": "main", "credentials": .object(members),
        ])
    }
}
