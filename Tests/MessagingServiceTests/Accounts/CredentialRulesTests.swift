import Foundation
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

    /// The longest and the shortest that pass stand beside those that do not.
    @Test(
        arguments: [
            ("url", "https://example.com/hook?tenant=7", true), ("url", "http://crm:8080/in", true),
            ("url", "https://[2001:db8::1]:8443/", true),
            ("url", "https://example.com/" + String(repeating: "a", count: 2028), true),
            ("url", "https://example.com/" + String(repeating: "a", count: 2029), false),
            ("url", "ftp://example.com/", false), ("url", "example.com/hook", false), ("url", "https:///hook", false),
            ("url", "https://user:word@example.com/", false), ("url", "https://example.com/#part", false),
            ("url", "https://exämple.com/", false), ("url", "https://example.com/a b", false),
            ("url", "https://example.com:0/", false), ("url", "https://example.com:65536/", false),
            ("secret", "16 letters, here", false), ("secret", String(repeating: "s", count: 15), false),
            ("secret", String(repeating: "s", count: 16), true), ("secret", String(repeating: "s", count: 256), true),
            ("secret", String(repeating: "s", count: 257), false), ("secret", "whsec_not base64", false),
            ("secret", "whsec_" + Data(count: 23).base64EncodedString(), false),
            ("secret", "whsec_" + Data(count: 24).base64EncodedString(), true),
            ("secret", "whsec_" + Data(count: 64).base64EncodedString(), true),
            ("secret", "whsec_" + Data(count: 65).base64EncodedString(), false),
            ("previous_secret", "short", false), ("previous_secret", "a-secret-of-before", true),
        ]
    )
    func aWebhooksURLAndSecretMustBeOnesThatCanBeUsed(name: String, value: String, isTaken: Bool) throws {
        let good = ["url": "https://example.com/hook", "secret": "a-secret-of-the-tests"]
        let credentials = good.merging([name: value]) { $1 }
        guard !isTaken else {
            #expect(try Self.account("webhook", "http", credentials).credentials[name] == value)
            return
        }
        let problem = try #require(throws: Problem.self) { try Self.account("webhook", "http", credentials) }
        #expect(problem.violations.map(\.pointer) == ["/credentials/\(name)"])
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
