import Foundation
import ProviderStub
import Shared
import Testing

@testable import Providers

/// Against the stub, which checks requests as Twilio does, and a bare server for the answers it does not give.
@Suite(.timeLimit(.minutes(5)))
struct TwilioSendTests {
    private func send(
        _ message: OutboundMessage,
        to url: String,
        within limit: Duration = .seconds(20)
    ) async throws -> SendOutcome {
        try await withClient { client in
            let provider = TwilioProvider(
                baseURL: url,
                publicInboundURL: "https://in.example.com",
                exchange: ProviderExchange(client: client)
            )
            return await provider.send(message, before: .now + limit)
        }
    }

    @Test func `a text arrives once, with the exact fields`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.answer("201 Created", #"{"sid":"SM1","status":"queued"}"#)
            connection.end()
        }
        #expect(try await self.send(.sms(), to: server.url) == .accepted(providerMessageID: "SM1"))
        let request = try #require(seen.requests.first)
        #expect(seen.requests.count == 1)
        #expect(request.hasPrefix("POST /2010-04-01/Accounts/AC1/Messages.json HTTP/1.1\r\n"))
        // base64 of AC1:secret
        #expect(request.contains("authorization: Basic QUMxOnNlY3JldA==\r\n"))
        #expect(request.contains("content-type: application/x-www-form-urlencoded\r\n"))
        let callback =
            "https://in.example.com/webhooks/twilio/01993c5e-0000-7000-8000-0000000000aa/status"
            + "?ref=01993c5e-0000-7000-8000-000000000001.3"
        let form = try FormParameters(parsing: (request.components(separatedBy: "\r\n\r\n").last ?? "").utf8)
        #expect(
            form
                == FormParameters([
                    ("To", "+15550001111"), ("From", "+15017122661"), ("Body", "Hello"), ("StatusCallback", callback),
                ])
        )
    }

    @Test func `the stub takes it, from a messaging service too`() async throws {
        try await withProviderStub { stub in
            let service = ["account_sid": "AC1", "auth_token": "secret", "messaging_service_sid": "MG1", "from": "+1"]
            for message in [OutboundMessage.sms(), .sms(credentials: service)] {
                let outcome = try await self.send(message, to: stub.url)
                #expect(outcome.summary == "accepted")
            }
            let entries = stub.ledger.entries
            #expect(entries.map(\.reference) == Array(repeating: "01993c5e-0000-7000-8000-000000000001.3", count: 2))
            #expect(entries.last?.field("MessagingServiceSid") == "MG1")
            #expect(entries.last?.field("From") == nil)
        }
    }

    @Test(
        arguments: [
            (.reject(status: 400, code: 21211, message: "x"), "rejected 21211", 0),
            (.reject(status: 401, code: 20003, message: "x"), "blocked 20003", 0),
            (.reject(status: 400, code: 30022, message: "x"), "transient 30022", 0),
            (.reject(status: 400, code: 55555, message: "x"), "rejected 55555", 0),
            (.throttle(retryAfter: 11), "throttled account 20429 11s", 0),
            (.cut, "uncertain connection-lost", 0),
            (.acceptThenCut, "uncertain connection-lost", 1),
            (.garbage, "uncertain answer-without-id", 1),
            (.hang, "uncertain timeout", 0),
        ] as [(Behaviour, String, Int)]
    )
    func `each behaviour has its outcome`(_ behaviour: Behaviour, _ outcome: String, _ accepted: Int) async throws {
        try await withProviderStub { stub in
            stub.behaviours.set(BehaviourRule(behaviour))
            // Long for all that answer, however busy the machine is.
            let deadline: Duration = behaviour == .hang ? .seconds(5) : .seconds(30)
            let found = try await self.send(.sms(), to: stub.url, within: deadline)
            #expect(found.summary == outcome)
            #expect(stub.ledger.entries.count == accepted)
        }
    }

    @Test(arguments: [
        [:], ["account_sid": "AC1", "auth_token": "x"], ["account_sid": "AC1/..", "auth_token": "x", "from": "+1"],
        ["account_sid": "AC1", "auth_token": "x\n", "from": "+1"],
    ])
    func `credentials that can not be right block the account`(_ credentials: [String: String]) async throws {
        let outcome = try await self.send(.sms(credentials: credentials), to: "http://127.0.0.1:1")
        #expect(outcome.summary == "blocked credentials-invalid")
    }

    @Test func `a message without text is refused`() async throws {
        let outcome = try await self.send(.sms(MessageContent(body: "")), to: "http://127.0.0.1:1")
        #expect(outcome.summary == "rejected content-missing")
    }
}
