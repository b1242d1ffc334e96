import Foundation
import InboundGateway
import InternalAPI
import NIOHTTP1
import Providers
import Shared
import TestSupport
import Testing

/// The generic endpoint and SendGrid's: what proves who sent a webhook, and what becomes of it.
@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct SignedWebhookTests {
    private static let secret = "whsec_" + Data("a secret of 24 bytes, ok".utf8).base64EncodedString()
    private static let mail = """
        --limit\r\nContent-Disposition: form-data; name="from"\r\n\r\nAnn Lee <ann@example.com>\r\n\
        --limit\r\nContent-Disposition: form-data; name="subject"\r\n\r\nHello\r\n\
        --limit\r\nContent-Disposition: form-data; name="text"\r\n\r\nHow are you?\r\n--limit--\r\n
        """
    private static let message =
        #"{"type":"message.received","data":{"id":"m1","from":"+14155550100","body":"Hi","name":"Ann"}}"#

    private let http = Self.account(.http, ["secret": Self.secret])
    private let sendGrid = Self.account(.sendgrid, ["inbound_token": "a token"])

    @Test func aSignedMessageGoesThroughAndARepetitionChangesNothing() async throws {
        try await Gateway.run([self.http]) { gateway async throws in
            for _ in 0..<3 { #expect(try await self.post(Self.message, to: gateway).status == 204) }
            #expect(gateway.messaging.received.map(\.message.content.body) == ["Hi"])
            #expect(gateway.customers.received.map(\.profileName) == ["Ann"])
            try await eventually { try await Stored.events(of: self.http.orgID).map(\.state) == ["done"] }
        }
    }

    @Test func whatIsNotSignedSoIs401() async throws {
        try await Gateway.run([self.http]) { gateway async throws in
            for answer in [
                try await self.post(
                    Self.message,
                    to: gateway,
                    secret: "whsec_" + Data("another".utf8).base64EncodedString()
                ),
                try await self.post(Self.message, to: gateway, secondsAgo: 301),
                try await gateway.call(.POST, self.path, headers: [], body: Self.message),
            ] {
                #expect(answer.status == 401)
            }
            #expect(try await Stored.events(of: self.http.orgID).isEmpty)
        }
    }

    @Test(arguments: [(Self.secret, 204), ("the secret before", 204), ("another secret", 401)])
    func whileASecretIsChangedBothAreGood(secret: String, status: Int) async throws {
        let secrets = ["secret": Self.secret, "previous_secret": "the secret before"]
        let account = MessagingAPI.WebhookAccount(
            orgID: self.http.orgID,
            accountID: self.http.accountID,
            provider: .http,
            number: nil,
            secrets: Credentials(secrets)
        )
        try await Gateway.run([account]) { gateway async throws in
            #expect(try await self.post(Self.message, to: gateway, secret: secret).status == status)
        }
    }

    @Test func itsSenderIsToldWhatIsWrong() async throws {
        try await Gateway.run([self.http]) { gateway async throws in
            let answer = try await self.post(#"{"type":"message.received","data":{}}"#, to: gateway)
            #expect(answer.status == 400)
            #expect(answer.body.contains("webhook-unreadable"))
            let unknown = try await self.post(#"{"type":"weather.changed","data":{}}"#, to: gateway)
            #expect(unknown.status == 204)
            #expect(try await Stored.events(of: self.http.orgID).map(\.state) == ["ignored"])
        }
    }

    @Test func aMailNeedsTheTokenOfItsURL() async throws {
        try await Gateway.run([self.sendGrid]) { gateway async throws in
            let path = "/webhooks/sendgrid/\(self.sendGrid.accountID)/inbound"
            let headers = [("content-type", "multipart/form-data; boundary=limit")]
            for query in ["", "?token=", "?token=a%20tokem", "?token=a"] {
                let answer = try await gateway.call(.POST, path + query, headers: headers, body: Self.mail)
                #expect(answer.status == 401, "\(query)")
            }
            let answer = try await gateway.call(.POST, path + "?token=a%20token", headers: headers, body: Self.mail)
            #expect(answer.status == 200)
            let message = try #require(gateway.messaging.received.first)
            #expect(message.message.content.body == "How are you?")
            #expect(message.channel == .email)
            #expect(gateway.customers.received.first?.senders == [Address(kind: .email, value: "ann@example.com")])
        }
    }

    @Test func withoutAKeyEventsAreNotTrusted() async throws {
        try await Gateway.run([self.sendGrid]) { gateway async throws in
            let path = "/webhooks/sendgrid/\(self.sendGrid.accountID)/events"
            let answer = try await gateway.call(.POST, path, headers: [], body: "[]")
            #expect(answer.status == 503)
            #expect(answer.body.contains("webhook-secret-missing"))
        }
    }

    @Test func aCompressedBodyIs415() async throws {
        try await Gateway.run([self.http]) { gateway async throws in
            let answer = try await gateway.call(.POST, self.path, headers: [("content-encoding", "gzip")], body: "x")
            #expect(answer.status == 415)
        }
    }

    private var path: String { "/webhooks/http/\(self.http.accountID)" }

    private func post(
        _ body: String,
        to gateway: Gateway,
        secret: String = Self.secret,
        secondsAgo: Int64 = 0
    ) async throws -> Gateway.Answer {
        let seconds = Timestamp.now.microseconds / 1_000_000 - secondsAgo
        let id = "msg_\(body.count)"
        let signature = StandardWebhooks.sign(id: id, seconds: seconds, body: Array(body.utf8), secret: secret)
        let headers = [
            ("webhook-id", id), ("webhook-timestamp", "\(seconds)"), ("webhook-signature", signature ?? ""),
            ("content-type", "application/json"),
        ]
        return try await gateway.call(.POST, self.path, headers: headers, body: body)
    }

    private static func account(_ provider: ProviderKind, _ secrets: [String: String]) -> MessagingAPI.WebhookAccount {
        .init(orgID: .new(), accountID: .new(), provider: provider, number: nil, secrets: Credentials(secrets))
    }
}
