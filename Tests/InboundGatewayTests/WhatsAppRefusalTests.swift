import InboundGateway
import InternalAPI
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: InboundMigrations.all, role: "inbound"), .timeLimit(.minutes(5)))
struct WhatsAppRefusalTests {
    let account = MessagingAPI.WebhookAccount.whatsApp()
    let other = MessagingAPI.WebhookAccount.whatsApp(number: "2222", secret: "app secret B")

    enum Forgery: CaseIterable, Sendable {
        case missing, empty, sha1, otherSecret, bodyChanged, spaceAdded, shortened, notHex

        func signature(of body: String) -> String? {
            let right = Signing.meta(body, secret: "app secret A")
            return switch self {
            case .missing: nil
            case .empty: ""
            case .sha1: right.replacing("sha256=", with: "sha1=")
            case .otherSecret: Signing.meta(body, secret: "app secret B")
            case .bodyChanged: Signing.meta(body.replacing("delivered", with: "deliverex"), secret: "app secret A")
            case .spaceAdded: Signing.meta(body + " ", secret: "app secret A")
            case .shortened: String(right.dropLast(2))
            case .notHex: String(right.dropLast()) + "g"
            }
        }
    }

    @Test(arguments: Forgery.allCases, ["", "/{id}"])
    func aForgedWebhookIs401AndChangesNothing(forgery: Forgery, path: String) async throws {
        try await Gateway.run([self.account, self.other]) { gateway async throws in
            let body = Payloads.statuses(["wamid.1"], number: self.account.number ?? "")
            let path = "/webhooks/whatsapp" + path.replacing("{id}", with: self.account.accountID.description)
            let answer = try await gateway.meta(body, signature: forgery.signature(of: body), path: path)

            #expect(answer.status == 401)
            #expect(answer.headers.first(name: "content-type") == "application/problem+json")
            #expect(answer.body.contains("signature-invalid"))
            try await self.expectNothing(gateway)
        }
    }

    @Test func anUpperCaseSignatureIsTheSameSignature() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = Payloads.statuses(["wamid.1"], number: self.account.number ?? "")
            let signature = "sha256=" + Signing.meta(body, secret: "app secret A").dropFirst(7).uppercased()
            let path = "/webhooks/whatsapp/\(self.account.accountID)"
            let answer = try await gateway.meta(body, signature: signature, path: path)
            #expect(answer.status == 200)
        }
    }

    @Test(arguments: ["/webhooks/whatsapp/{id}", "/webhooks/whatsapp"])
    func theSecretOfOneOverTheNumberOfAnotherIs403AndStoresNothing(path: String) async throws {
        try await Gateway.run([self.account, self.other]) { gateway async throws in
            let body = Payloads.statuses(ofNumbers: [(self.account.number ?? "", "wamid.1"), ("2222", "wamid.2")])
            let path = path.replacing("{id}", with: self.account.accountID.description)
            let signature = Signing.meta(body, secret: "app secret A")
            let answer = try await gateway.meta(body, signature: signature, path: path)

            #expect(answer.status == 403)
            #expect(answer.body.contains("number-forbidden"))
            try await self.expectNothing(gateway)
        }
    }

    @Test func anAccountWithoutASecretIs503AndNeverUnverified() async throws {
        let bare = MessagingAPI.WebhookAccount.whatsApp(secret: "")
        try await Gateway.run([bare]) { gateway async throws in
            let body = Payloads.statuses(["wamid.1"], number: bare.number ?? "")
            let signatures = [Signing.meta(body, secret: "x"), Signing.meta(body, secret: "")]
            for signature in signatures {
                let answer = try await gateway.meta(
                    body,
                    signature: signature,
                    path: "/webhooks/whatsapp/\(bare.accountID)"
                )
                #expect(answer.status == 503)
                #expect(answer.headers.first(name: "retry-after") != nil)
            }
            #expect(try await Stored.events(of: bare.orgID).isEmpty)
            #expect(gateway.messaging.applied.isEmpty)
        }
    }

    @Test func anUnknownAccountAndAnIDThatIsNoneAreTheSame404() async throws {
        let twilio = MessagingAPI.WebhookAccount.twilio()
        try await Gateway.run([twilio]) { gateway async throws in
            let paths = ["\(AccountID.new())", "\(twilio.accountID)", "nonsense"].map { "/webhooks/whatsapp/\($0)" }
            for path in paths + ["/webhooks/whatsapp"] {
                let body = Payloads.statuses(["wamid.1"], number: "3333")
                let answer = try await gateway.meta(body, signature: Signing.meta(body, secret: "x"), path: path)
                #expect(answer.status == 404, "\(path)")
            }
        }
    }

    @Test func withoutANumberTheSharedURLSaysWhatIsMissing() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let answer = try await gateway.meta("[]", secret: "app secret A")
            #expect(answer.status == 400)
            #expect(answer.body.contains("entry"))
        }
    }

    @Test func aForgerCannotMakeUsLookUpNumbersWithoutEnd() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = Payloads.statuses(ofNumbers: (0..<1000).map { ("\($0)", "wamid.\($0)") })
            #expect(try await gateway.meta(body, secret: "x").status == 404)
            #expect(gateway.messaging.questions == 2)
        }
    }

    @Test func aBodyOver4MBIs413BeforeItIsRead() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let path = "/webhooks/whatsapp/\(self.account.accountID)"
            let status = try await gateway.announce(bodyOf: Limits.webhookBytes + 1, to: path)
            #expect(status == 413)
        }
    }

    @Test func aBodyOf4MBIsTaken() async throws {
        try await Gateway.run([self.account]) { gateway async throws in
            let body = String(repeating: "x", count: Limits.webhookBytes)
            let answer = try await gateway.meta(body, secret: "app secret A", to: self.account.accountID)
            #expect(answer.status == 200)
        }
    }

    private func expectNothing(_ gateway: Gateway) async throws {
        #expect(gateway.messaging.applied.isEmpty)
        for orgID in [self.account.orgID, self.other.orgID] {
            #expect(try await Stored.events(of: orgID).isEmpty)
            #expect(try await Stored.bodies(of: orgID).isEmpty)
        }
    }
}
