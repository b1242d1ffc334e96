import InboundGateway
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct TwilioWebhookTests {
    let account = MessagingAPI.WebhookAccount.twilio()
    let reference = AttemptReference(messageID: .new(), number: 2)
    let form = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("To", "+14155550100"), ("AccountSid", "AC1")]

    private var statusTarget: String { "/webhooks/twilio/\(self.account.accountID)/status?ref=\(self.reference)" }
    private var messagesTarget: String { "/webhooks/twilio/\(self.account.accountID)/messages" }

    @Test(arguments: ["https://hooks.example.com", "https://hooks.example.com:443"])
    func aSignedStatusIsAppliedWithItsReference(base: String) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let answer = try await self.post(gateway, self.statusTarget, self.form, signedFor: base + self.statusTarget)
            #expect(answer.status == 204)
            #expect(gateway.messaging.applied.map(\.report.reference) == [self.reference])
            #expect(gateway.messaging.applied.map(\.report.status) == [.delivered])
            try await eventually { try await Stored.events(of: self.account.orgID).map(\.state) == ["done"] }
        }
    }

    @Test(arguments: ["https://hooks.example.com", "https://hooks.example.com:443", "https://hooks.example.com/"])
    func thePublicURLMayHaveItsDefaultPortOrASlash(setting: String) async throws {
        try await Gateway.run([self.account], settings: ["public.inbound.url": setting]) { gateway async throws in
            let url = "https://hooks.example.com" + self.statusTarget
            #expect(try await self.post(gateway, self.statusTarget, self.form, signedFor: url).status == 204)
        }
    }

    @Test func parametersThatTwilioAddsAreSignedAndHarmless() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let form = self.form.reversed() + [("NewToday", ""), ("Ünïcode", "a b+c&d=e")]
            let url = Gateway.publicURL + self.statusTarget
            #expect(try await self.post(gateway, self.statusTarget, form, signedFor: url).status == 204)
            #expect(gateway.messaging.applied.count == 1)
        }
    }

    @Test func aMessageIsKeptAndAnsweredWithEmptyTwiML() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let form = [("MessageSid", "SM2"), ("Body", "STOP\0"), ("From", "+14155550100")]
            let url = Gateway.publicURL + self.messagesTarget
            for _ in 0..<2 {
                let answer = try await self.post(gateway, self.messagesTarget, form, signedFor: url)
                #expect(answer.status == 200)
                #expect(answer.body == "<Response/>")
                #expect(answer.headers.first(name: "content-type")?.hasPrefix("text/xml") == true)
            }
            try await eventually {
                try await Stored.events(of: self.account.orgID) == [.init(key: "SM2", kind: "message", state: "done")]
            }
            #expect(gateway.messaging.received.map(\.message.providerMessageID) == ["SM2"])
        }
    }

    /// A signature of Twilio's has no time in it: who has seen one may repeat it for ever.
    @Test func aThousandRepetitionsHaveOneEffect() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let url = Gateway.publicURL + self.statusTarget
            for _ in 0..<1000 {
                #expect(try await self.post(gateway, self.statusTarget, self.form, signedFor: url).status == 204)
            }
            #expect(gateway.messaging.applied.count == 1)
            #expect(try await Stored.events(of: self.account.orgID).map(\.state) == ["done"])
        }
    }

    @Test func aJSONBodyIsVerifiedByItsDigestInTheURL() async throws {
        let body = #"{"hello": 1}"#
        try await Gateway.run([self.account]) { gateway async throws in
            let target = self.messagesTarget + "?bodySHA256=" + Signing.sha256(body)
            let signature = Signing.twilio(Gateway.publicURL + target, [], token: "twilio token")
            let headers = [("x-twilio-signature", signature), ("content-type", "application/json")]
            #expect(try await gateway.call(.POST, target, headers: headers, body: body).status == 200)
            #expect(try await gateway.call(.POST, target, headers: headers, body: body + " ").status == 401)
            #expect(try await Stored.bodies(of: self.account.orgID) == [body])
        }
    }

    enum Forgery: CaseIterable, Sendable {
        case missing, otherToken, otherQuery, otherHost, parameterChanged
    }

    @Test(arguments: Forgery.allCases)
    func aForgedStatusIs401AndChangesNothing(forgery: Forgery) async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let url = Gateway.publicURL + self.statusTarget
            let right = Signing.twilio(url, self.form, token: "twilio token")
            let signature: String? =
                switch forgery {
                case .missing: nil
                case .otherToken: Signing.twilio(url, self.form, token: "another token")
                case .otherQuery: Signing.twilio(url + "&x=1", self.form, token: "twilio token")
                case .otherHost:
                    Signing.twilio("https://evil.example" + self.statusTarget, self.form, token: "twilio token")
                case .parameterChanged: right
                }
            let form = forgery == .parameterChanged ? self.form.dropLast() + [("AccountSid", "AC2")] : self.form
            // Who can not sign for our URL can not make it another one with headers either.
            let spoofed = [
                ("x-forwarded-host", "evil.example"), ("x-forwarded-proto", "https"), ("host", "evil.example"),
            ]
            let answer = try await self.post(gateway, self.statusTarget, form, signature: signature, headers: spoofed)
            #expect(answer.status == 401)
            #expect(gateway.messaging.applied.isEmpty)
            #expect(try await Stored.events(of: self.account.orgID).isEmpty)
        }
    }

    @Test func aWhatsAppAccountHasNoTwilioWebhook() async throws {
        let whatsApp = MessagingAPI.WebhookAccount.whatsApp()
        try await Gateway.run([whatsApp]) { gateway async throws in
            let target = "/webhooks/twilio/\(whatsApp.accountID)/status"
            let answer = try await self.post(gateway, target, self.form, signedFor: Gateway.publicURL + target)
            #expect(answer.status == 404)
        }
    }

    private func post(
        _ gateway: Gateway,
        _ target: String,
        _ form: [(String, String)],
        signedFor url: String
    ) async throws -> Gateway.Answer {
        let signature = Signing.twilio(url, form, token: "twilio token")
        return try await self.post(gateway, target, form, signature: signature)
    }

    private func post(
        _ gateway: Gateway,
        _ target: String,
        _ form: [(String, String)],
        signature: String?,
        headers: [(String, String)] = []
    ) async throws -> Gateway.Answer {
        try await gateway.call(
            .POST,
            target,
            headers: headers + [("content-type", "application/x-www-form-urlencoded")]
                + (signature.map { [("x-twilio-signature", $0)] } ?? []),
            body: form.map { "\(Self.escaped($0.0))=\(Self.escaped($0.1))" }.joined(separator: "&")
        )
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            guard byte < 0x80, character.isLetter || character.isNumber else {
                let hex = String(byte, radix: 16, uppercase: true)
                return "%\(hex.utf8.count == 1 ? "0" : "")\(hex)"
            }
            return String(character)
        }.joined()
    }
}
