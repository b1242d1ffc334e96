import Crypto
import Foundation
import ProviderStub
import Shared
import TestSupport
import Testing

/// An organization with an account of each provider, and messages that two of them have taken.
struct ShuffleInstallation: Sendable {
    private static let number = "155500011110"
    /// Requests under way at the same time.
    private static let atOnce = 24

    private let corpus: InboundCorpus
    let databases: ShuffleDatabases
    /// The providers' ids of the messages that were sent, by the reference of each.
    private let sent: [String: String]

    init(_ platform: Platform, _ events: ShuffleCorpus) async throws {
        platform.stub.callbacks.update { $0.isEnabled = false }
        let tenant = try await platform.newTenant()
        self.corpus = try await Self.corpus(of: tenant, platform)
        self.databases = try await ShuffleDatabases(platform)
        let whatsApp = (0..<events.whatsApp).map { (number: $0, channel: "whatsapp", name: "wa") }
        let sms = (0..<events.sms).map { (number: $0, channel: "sms", name: "sms") }
        for message in whatsApp + sms {
            _ = try await tenant.sendMessage([
                "to": .string("+" + ShuffleCorpus.recipient(message.number, of: events.persons)),
                "channel": .string(message.channel), "body": "Hello",
                "reference": .string("\(message.name)-\(message.number)"),
            ])
        }
        let databases = self.databases
        try await eventually { try await databases.isQuiet() }
        self.sent = try await databases.sentMessages()
        #expect(self.sent.count == events.whatsApp + events.sms)
    }

    /// Posts everything, one after the other or many at once, and waits until it has had its effect.
    func receive(_ requests: [ShuffleRequest], inParallel: Bool) async throws {
        try await withThrowingDiscardingTaskGroup { tasks in
            let queue = ShuffleQueue(requests)
            for _ in 0..<(inParallel ? Self.atOnce : 1) {
                tasks.addTask {
                    while let request = queue.next() {
                        let answer = try await self.post(request)
                        #expect(answer.status == 200 || answer.status == 204, "\(answer.status) \(answer.text)")
                    }
                }
            }
        }
        try await eventually { try await self.databases.isQuiet() }
    }

    private func post(_ request: ShuffleRequest) async throws -> API.Answer {
        let events = request.events.map(\.payload)
        switch try #require(events.first) {
        case .meta:
            return try await self.corpus.signer.meta(self.metaBody(events))
        case .sendGrid:
            let texts = events.map { if case .sendGrid(let text) = $0 { text } else { "" } }
            return try await self.corpus.events("[\(texts.joined(separator: ","))]")
        case .twilio(let parameters, let path):
            let known = parameters.map { ($0.0, self.filled($0.1)) }
            return try await self.corpus.signer.twilio(known, to: self.corpus.twilio, path)
        case .mail(let fields):
            return try await self.corpus.mail(fields)
        case .http(let id, let body):
            return try await self.corpus.hook(id, body)
        }
    }

    /// One entry for each event, as Meta sends what it has collected.
    private func metaBody(_ events: [ShuffleEvent.Payload]) -> String {
        let entries = events.map { event in
            guard case .meta(let value) = event else { return "{}" }
            return #"{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":"#
                + #"{"phone_number_id":"\#(Self.number)"},\#(self.filled(value))}}]}"#
        }
        return #"{"object":"whatsapp_business_account","entry":[\#(entries.joined(separator: ","))]}"#
    }

    /// With the provider's id where its placeholder stands; there is one at most.
    private func filled(_ text: String) -> String {
        guard let start = (text.firstRange(of: "{wa-") ?? text.firstRange(of: "{sms-"))?.lowerBound,
            let end = text[start...].firstIndex(of: "}"), let id = self.sent[String(text[start..<end].dropFirst())]
        else { return text }
        return String(text[..<start] + id + text[end...].dropFirst())
    }

    private static func corpus(of tenant: API, _ platform: Platform) async throws -> InboundCorpus {
        let key = InboundCorpus.sendGridKey.publicKey.derRepresentation.base64EncodedString()
        let unlimited: JSONValue = ["rate_per_second": 10000]
        return InboundCorpus(
            signer: InboundSigner(platform),
            number: Self.number,
            whatsApp: try await tenant.newAccount(
                "whatsapp",
                "whatsapp_cloud",
                [
                    "access_token": "token", "phone_number_id": .string(Self.number),
                    "app_secret": .string(Platform.whatsAppSecret), "verify_token": "verify",
                ],
                ["rate_per_second": 10000, "pair_interval_ms": 0]
            ),
            twilio: try await tenant.newAccount(
                "sms",
                "twilio",
                [
                    "account_sid": "AC00000000000000000000000000000001", "auth_token": .string(Platform.twilioToken),
                    "from": "+15550009999",
                ],
                unlimited
            ),
            sendGrid: try await tenant.newAccount(
                "email",
                "sendgrid",
                [
                    "api_key": "SG.x", "from": "shop@example.com", "webhook_public_key": .string(key),
                    "inbound_token": .string(InboundCorpus.mailToken),
                ],
                [:]
            ),
            http: try await tenant.newAccount(
                "webhook",
                "http",
                ["url": "https://example.com/hook", "secret": .string(InboundCorpus.httpSecret)],
                [:]
            )
        )
    }
}

extension API {
    fileprivate func newAccount(
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
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }
}
