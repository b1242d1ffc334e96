import Crypto
import Foundation
import Shared
import TestSupport
import Testing

/// What providers post, over real HTTP: what is answered, and what becomes of it.
@Suite struct InboundCorpusTests {
    @Test(.timeLimit(.minutes(5))) func everyPayloadIsAnsweredAndHasItsEffect() async throws {
        #expect(InboundCase.all.count >= 60)
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let corpus = try await Self.corpus(of: tenant, platform)
            for one in InboundCase.all {
                let before = try await Self.counts(tenant)
                // Providers repeat: it is the same again.
                for _ in 0..<2 { #expect(try await one.send(corpus).status == one.status, "\(one.name)") }
                try await Self.check(one, before: before, tenant)
            }
        }
    }

    private static func check(_ one: InboundCase, before: [String: Int], _ tenant: API) async throws {
        let after = try await Self.counts(tenant)
        func more(_ what: String) -> Int { after[what, default: 0] - before[what, default: 0] }
        switch one.effect {
        case .nothing:
            #expect(after == before, "\(one.name)")
        case .ignored(let count):
            #expect(more("ignored") == count, "\(one.name)")
        case .reports(let count):
            #expect(more("report") == count, "\(one.name)")
        case .message(let id, let type, let body):
            #expect(more("message") == 1, "\(one.name)")
            let messages =
                try await tenant.get("/api/v1/messages?direction=inbound&limit=200").json["data"]?.array ?? []
            let message = messages.first { $0["provider_message_id"]?.string == id }
            #expect(message?["type"]?.string == type, "\(one.name)")
            if let body { #expect(message?["body"]?.string == body, "\(one.name)") }
        }
    }

    /// Events by kind and by state, as the organization sees them.
    private static func counts(_ tenant: API) async throws -> [String: Int] {
        var counts: [String: Int] = [:]
        var cursor = ""
        repeat {
            let page = try await tenant.get("/api/v1/webhook-events?limit=200\(cursor)").json
            for event in page["data"]?.array ?? [] {
                counts[event["kind"]?.string ?? "", default: 0] += 1
                if event["state"]?.string == "ignored" { counts["ignored", default: 0] += 1 }
            }
            cursor = (page["next_cursor"]?.string).map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        return counts
    }

    private static func corpus(of tenant: API, _ platform: Platform) async throws -> InboundCorpus {
        let whatsApp = try await tenant.newWhatsAppAccount()
        let key = InboundCorpus.sendGridKey.publicKey.derRepresentation.base64EncodedString()
        return InboundCorpus(
            signer: InboundSigner(platform),
            number: whatsApp.number,
            whatsApp: whatsApp.id,
            twilio: try await tenant.newTwilioAccount(),
            sendGrid: try await Self.account(
                tenant,
                "email",
                "sendgrid",
                [
                    "api_key": "SG.x", "from": "shop@example.com", "webhook_public_key": .string(key),
                    "inbound_token": .string(InboundCorpus.mailToken),
                ]
            ),
            http: try await Self.account(
                tenant,
                "webhook",
                "http",
                ["url": "https://example.com/hook", "secret": .string(InboundCorpus.httpSecret)]
            )
        )
    }

    private static func account(
        _ tenant: API,
        _ channel: String,
        _ provider: String,
        _ credentials: JSONValue
    ) async throws -> String {
        let answer = try await tenant.post(
            "/api/v1/channel-accounts",
            ["channel": .string(channel), "provider": .string(provider), "name": "main", "credentials": credentials]
        )
        try #require(answer.status == 201, "\(answer.text)")
        return answer.id
    }
}
