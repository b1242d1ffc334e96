import ProviderStub
import Shared
import Testing

@testable import Providers

/// Against the stub, which checks requests as Meta does.
@Suite(.timeLimit(.minutes(5)))
struct WhatsAppSendTests {
    private func send(
        _ message: OutboundMessage,
        to stub: RunningProviderStub,
        within limit: Duration = .seconds(20)
    ) async throws -> SendOutcome {
        try await withClient { client in
            let provider = WhatsAppProvider(baseURL: stub.url + "/v25.0", exchange: ProviderExchange(client: client))
            return await provider.send(message, before: .now + limit)
        }
    }

    @Test func `a text arrives once, with the exact fields`() async throws {
        try await withProviderStub { stub in
            let outcome = try await self.send(.whatsapp(), to: stub)
            let entry = try #require(stub.ledger.entries.first)
            #expect(outcome == .accepted(providerMessageID: entry.providerID))
            #expect(stub.ledger.entries.count == 1)
            #expect(entry.account == "106540352242922")
            #expect(entry.to == "254700000001")
            #expect(entry.reference == "01993c5e-0000-7000-8000-000000000001.3")
            #expect(entry.field("text", "body") == "Hello")
        }
    }

    @Test(
        arguments: [
            (.reject(status: 400, code: 131026, message: "x"), "rejected 131026", 0),
            (.reject(status: 400, code: 190, message: "x"), "blocked 190", 0),
            (.reject(status: 400, code: 131016, message: "x"), "transient 131016", 0),
            (.throttle(retryAfter: 11), "throttled account 130429 11s", 0),
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
            let found = try await self.send(.whatsapp(), to: stub, within: deadline)
            #expect(found.summary == outcome)
            #expect(stub.ledger.entries.count == accepted)
        }
    }

    @Test func `a server error is a definite failure`() async throws {
        try await withProviderStub { stub in
            stub.behaviours.set(BehaviourRule(.serverError(status: 503)))
            guard case .failedTransiently = try await self.send(.whatsapp(), to: stub) else {
                Issue.record("not transient")
                return
            }
        }
    }

    @Test(arguments: [
        [:], ["access_token": "token"], ["phone_number_id": "1"], ["access_token": "", "phone_number_id": "1"],
        ["access_token": "a\r\nx: y", "phone_number_id": "1"], ["access_token": "token", "phone_number_id": "1/../2"],
    ])
    func `credentials that can not be right block the account and send nothing`(_ credentials: [String: String])
        async throws
    {
        try await withProviderStub { stub in
            let outcome = try await self.send(.whatsapp(credentials: credentials), to: stub)
            #expect(outcome.summary == "blocked credentials-invalid")
            #expect(stub.ledger.entries.isEmpty)
        }
    }
}
