import Foundation
import ProviderStub
import Shared
import Testing

@testable import Providers

/// What providers say of credentials, by the stub and by bare servers.
@Suite(.timeLimit(.minutes(5)))
struct CredentialCheckTests {
    private static let usual: [ProviderKind: [String: String]] = [
        .whatsappCloud: ["access_token": "token", "phone_number_id": "1055"],
        .twilio: ["account_sid": "AC1", "auth_token": "secret"],
        .sendgrid: ["api_key": "SG.main.secret"],
        .sandbox: [:],
        .http: ["secret": ProviderStubSettings.usualWebhookSecret],
    ]

    private func check(
        _ kind: ProviderKind,
        _ changes: [String: String] = [:],
        at url: String,
        within limit: Duration = .seconds(10)
    ) async throws -> CredentialCheck {
        let credentials = Credentials((Self.usual[kind] ?? [:]).merging(changes) { $1 })
        return try await withClient { client in
            let registry = ProviderRegistry(
                config: ProvidersConfig(
                    whatsappURL: "\(url)/v25.0",
                    twilioURL: url,
                    sendgridURL: url,
                    publicInboundURL: "https://in.example.com",
                    egressAllow: ["127.0.0.0/8"].compactMap(CIDR.init)
                ),
                client: client,
                sandbox: SandboxProvider { _, _, _ in },
                now: { .now }
            )
            let provider = try #require(registry[checking: kind])
            return await provider.check(credentials, before: .now + limit)
        }
    }

    @Test(
        arguments: [
            (.whatsappCloud, [:], "ok"),
            (.whatsappCloud, ["access_token": "revoked"], "refused 190"),
            (.whatsappCloud, ["phone_number_id": "nobody"], "refused 100"),
            (.whatsappCloud, ["phone_number_id": "a/b"], "refused credentials-invalid"),
            (.twilio, [:], "ok"),
            (.twilio, ["auth_token": "revoked"], "refused 20003"),
            (.twilio, ["account_sid": "AC5"], "refused account-suspended"),
            (.twilio, ["auth_token": ""], "refused credentials-invalid"),
            (.sendgrid, [:], "ok"),
            (.sendgrid, ["api_key": "revoked"], "refused sendgrid-401"),
            (.sendgrid, ["api_key": "SG.read.secret"], "refused scope-missing"),
            (.sandbox, [:], "ok"),
            (.http, ["url": "http://127.0.0.1:9/x"], "ok"),
            (.http, ["url": "https://192.168.0.1/x"], "refused address-not-allowed"),
            (.http, ["url": "https://no-such-host.invalid/x"], "unreachable dns-failure"),
            (.http, ["url": "https://192.168.0.1/x", "secret": ""], "refused credentials-invalid"),
        ] as [(ProviderKind, [String: String], String)]
    )
    func `the stub takes what is right, and nothing is sent`(
        _ kind: ProviderKind,
        _ changes: [String: String],
        _ found: String
    ) async throws {
        try await withProviderStub { stub in
            let check = try await self.check(kind, changes, at: stub.url)
            #expect(check.summary == found, "\(check.detail)")
            #expect(stub.ledger.entries.isEmpty)
        }
    }

    /// Whatever decides nothing is no refusal: the credentials may be good.
    @Test(arguments: [
        ("503 Service Unavailable", "", "http-503"),
        ("302 Found", "", "http-302"),
        ("401 Unauthorized", "<html>a proxy</html>", "http-401"),
        ("200 OK", "{}", "answer-malformed"),
        ("200 OK", #"{"id":"other","status":"odd"}"#, "answer-malformed"),
        ("200 OK", String(repeating: "x", count: 70_000), "answer-too-long"),
        ("429 Too Many Requests", "", "http-429"),
    ])
    func `an answer that decides nothing is none`(_ status: String, _ body: String, _ code: String) async throws {
        for kind in [ProviderKind.whatsappCloud, .twilio, .sendgrid] {
            let server = try RawServer { connection in
                connection.readRequest()
                connection.answer(status, body)
                connection.end()
            }
            #expect(try await self.check(kind, at: server.url).summary == "unreachable \(code)", "\(kind)")
        }
    }

    @Test(arguments: [ProviderKind.whatsappCloud, .twilio, .sendgrid])
    func `nobody there, and nobody who answers, is unreachable`(_ kind: ProviderKind) async throws {
        let closed = "http://127.0.0.1:\(try RawServer.closedPort())"
        #expect(try await self.check(kind, at: closed).summary == "unreachable connection-refused")
        let silent = try RawServer { $0.waitForClose() }
        // Long enough for the connection, before which it is no timeout.
        let check = try await self.check(kind, at: silent.url, within: .seconds(5))
        #expect(check.summary == "unreachable timeout")
    }

    @Test func `a token that a provider quotes is not shown`() {
        let credentials = Credentials(["access_token": "EAAG-long-token", "port": "25"])
        let error = ProviderError(code: "190", detail: "Malformed access token EAAG-long-token on 25")
        let check = CredentialCheck.refused(error).redacted(by: credentials)
        #expect(check.detail == "Malformed access token … on 25")
        #expect(check.code == "190")
    }
}

extension CredentialCheck {
    var summary: String { [self.status.rawValue, self.code].compactMap(\.self).joined(separator: " ") }
}
