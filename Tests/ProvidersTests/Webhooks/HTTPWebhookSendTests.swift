import Foundation
import ProviderStub
import Shared
import Testing

@testable import Providers

/// Against the stub, which verifies signatures as a receiver does, and a bare server for the answers it does not give.
@Suite(.timeLimit(.minutes(5)))
struct HTTPWebhookSendTests {
    private static let loopback = ["127.0.0.0/8"].compactMap(CIDR.init)

    private func send(
        _ message: OutboundMessage,
        allow: [CIDR] = HTTPWebhookSendTests.loopback,
        within limit: Duration = .seconds(20)
    ) async -> SendOutcome {
        await HTTPWebhookProvider(egress: EgressGuard(allow: allow)).send(message, before: .now + limit)
    }

    @Test func `a message is posted once, in the documented form`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.answer("204 No Content", "")
            connection.end()
        }
        let outcome = await self.send(.webhook(at: "\(server.url)/hook?tenant=7"))
        #expect(outcome == .accepted(providerMessageID: "\(OutboundMessage.sampleMessageID)"))
        let request = try #require(seen.requests.first)
        #expect(seen.requests.count == 1)
        #expect(request.hasPrefix("POST /hook?tenant=7 HTTP/1.1\r\n"))
        #expect(request.contains("content-type: application/json\r\n"))
        #expect(request.contains("webhook-id: \(OutboundMessage.sampleMessageID)\r\n"))
        let body = try JSONValue(parsing: request.components(separatedBy: "\r\n\r\n").last ?? "")
        #expect(body["id"]?.string == "\(OutboundMessage.sampleMessageID)")
        #expect(body["type"]?.string == "message.send")
        #expect(body["timestamp"]?.string.flatMap { Timestamp($0) } != nil)
        #expect(body["data"]?["message_id"]?.string == "\(OutboundMessage.sampleMessageID)")
        #expect(body["data"]?["reference"]?.string == "\(OutboundMessage.sampleMessageID).3")
        #expect(body["data"]?["account_id"]?.string == "\(OutboundMessage.sampleAccountID)")
        #expect(body["data"]?["to"]?.string == "customer-17")
        #expect(body["data"]?["body"]?.string == "Hello")
        #expect(body["data"]?["template"] == nil)
    }

    /// A worker's clock may be wrong: what is signed has the time that the worker was told.
    @Test(arguments: [(0, "accepted"), (280, "accepted"), (3000, "rejected http-401"), (-3000, "rejected http-401")])
    func `the time that is signed is the one that is given`(seconds: Int, summary: String) async throws {
        try await withProviderStub { stub in
            let provider = HTTPWebhookProvider(egress: EgressGuard(allow: Self.loopback)) { .now + .seconds(seconds) }
            let message = OutboundMessage.webhook(at: "\(stub.url)/receivers/crm")
            #expect(await provider.send(message, before: .now + .seconds(20)).summary == summary)
        }
    }

    @Test func `a template that only the receiver knows goes along`() async throws {
        try await withProviderStub { stub in
            let template = TemplateReference(
                code: "hi",
                language: "de",
                parameters: ["b": "2", "a": "1"],
                components: nil
            )
            let message = OutboundMessage.webhook(
                at: "\(stub.url)/receivers/crm",
                MessageContent(template: template)
            )
            #expect(await self.send(message).summary == "accepted")
            let entry = try #require(stub.ledger.entries.first)
            #expect(entry.field("data", "template", "code") == "hi")
            #expect(entry.field("data", "template", "language") == "de")
            #expect(entry.field("data", "template", "parameters", "a") == "1")
        }
    }

    /// A receiver that goes by the specification drops the second copy: both attempts have one id.
    @Test func `a second attempt is the same webhook`() async throws {
        try await withProviderStub { stub in
            stub.behaviours.set(BehaviourRule(.acceptThenCut, times: 1))
            let url = "\(stub.url)/receivers/crm"
            #expect(await self.send(.webhook(at: url, attempt: 1)).summary == "uncertain connection-lost")
            #expect(await self.send(.webhook(at: url, attempt: 2)).summary == "accepted")
            #expect(stub.ledger.entries.map(\.reference) == ["\(OutboundMessage.sampleMessageID).1"])
            #expect(stub.stats.repeated == 1)
        }
    }

    @Test func `while a secret is changed either is right`() async throws {
        try await withProviderStub { stub in
            let url = "\(stub.url)/receivers/crm"
            let other = "whsec_" + Data(repeating: 1, count: 24).base64EncodedString()
            #expect(await self.send(.webhook(at: url, secret: other)).summary == "rejected http-401")
            let both = ["previous_secret": ProviderStubSettings.usualWebhookSecret]
            #expect(await self.send(.webhook(at: url, secret: other, more: both)).summary == "accepted")
        }
    }

    @Test(
        arguments: [
            (.reject(status: 400, code: 0, message: "x"), "rejected http-400", 0),
            (.reject(status: 404, code: 0, message: "x"), "rejected http-404", 0),
            (.reject(status: 408, code: 0, message: "x"), "transient http-408", 0),
            (.reject(status: 410, code: 0, message: "x"), "blocked http-410", 0),
            (.reject(status: 425, code: 0, message: "x"), "transient http-425", 0),
            (.throttle(retryAfter: 11), "throttled account http-429 11s", 0),
            (.serverError(status: 500), "transient http-500", 0),
            (.serverError(status: 503), "transient http-503", 0),
            (.garbage, "accepted", 1),
            (.cut, "uncertain connection-lost", 0),
            (.acceptThenCut, "uncertain connection-lost", 1),
            (.hang, "uncertain timeout", 0),
        ] as [(Behaviour, String, Int)]
    )
    func `each behaviour has its outcome`(_ behaviour: Behaviour, _ outcome: String, _ accepted: Int) async throws {
        try await withProviderStub { stub in
            stub.behaviours.set(BehaviourRule(behaviour))
            // Long for all that answer, however busy the machine is.
            let deadline: Duration = behaviour == .hang ? .seconds(5) : .seconds(30)
            let found = await self.send(.webhook(at: "\(stub.url)/receivers/crm"), within: deadline)
            #expect(found.summary == outcome)
            #expect(stub.ledger.entries.count == accepted)
        }
    }

    @Test(arguments: [
        ("503 Busy", "retry-after: 7\r\n", "throttled account http-503 7s"),
        ("503 Busy", "retry-after: soon\r\n", "transient http-503"),
        ("429 Slow", "", "throttled account http-429 -"),
        ("302 Found", "location: http://127.0.0.1:1/\r\n", "blocked http-302"),
        ("200 OK", "", "accepted"),
        ("299 Odd", "", "accepted"),
    ])
    func `a status is enough`(line: String, headers: String, outcome: String) async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer(line, "thanks", headers: headers)
            connection.end()
        }
        #expect(await self.send(.webhook(at: server.url)).summary == outcome)
        #expect(server.connectionCount == 1)
    }

    /// What it says beyond its status is nobody's business, and must cost nothing.
    @Test func `an answer without an end is cut off`() async throws {
        let sent = ByteCount()
        let server = try RawServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n")
            let chunk = "400\r\n" + String(repeating: "x", count: 1024) + "\r\n"
            while sent.count < 256 << 20, connection.write(chunk) { sent.add(1024) }
            connection.end()
        }
        let outcome = await self.send(.webhook(at: server.url))
        guard case .failedTransiently(let error, _) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(error.response?.utf8.count == 2048)
        #expect(sent.count < 64 << 20)
    }

    @Test(arguments: [
        ["url": "", "secret": "a-secret-of-the-tests"], ["url": "ftp://127.0.0.1/", "secret": "a-secret-of-the-tests"],
        ["url": "http://127.0.0.1/", "secret": "whsec_?"], ["url": "http://127.0.0.1/"],
        ["url": "http://127.0.0.1/", "secret": "a-secret-of-the-tests", "previous_secret": "whsec_?"],
    ])
    func `credentials that can not be right block the account`(_ credentials: [String: String]) async {
        let outcome = await self.send(.sample(.http, .webhook, to: "x", MessageContent(body: "x"), credentials))
        #expect(outcome.summary == "blocked credentials-invalid")
    }
}
