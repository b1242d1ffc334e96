import Foundation
import ProviderStub
import Shared
import TestSupport
import Testing

@Suite struct WorkerDeathTests {
    @Test(.timeLimit(.minutes(3))) func whatAKilledWorkerHeldIsSentByTheNext() async throws {
        try await withPlatform(worker: false) { platform in
            platform.stub.callbacks.update { $0.isEnabled = false }
            platform.stub.behaviours.set(BehaviourRule(.slow(.milliseconds(300))), for: BehaviourMatch())
            let tenant = try await platform.newTenant()
            _ = try await tenant.newWhatsAppAccount()
            try await self.send(200, as: tenant)

            let first = try WorkerProcess(of: platform, slots: 200)
            // In flight at the provider: accepted there or about to be, and not known here.
            try await eventually { try await self.count("sending", as: tenant) == 200 }
            first.killAtOnce()
            #expect(try await self.count("sending", as: tenant) > 0)

            let second = try WorkerProcess(of: platform, slots: 200)
            try await eventually { try await self.count("sent", as: tenant) == 200 }
            #expect(second.stopGracefully() == 0)

            let sent = Set(platform.stub.ledger.entries.map(\.reference).compactMap { $0 })
            #expect(Set(sent.compactMap { AttemptReference($0)?.messageID }).count == 200)
        }
    }

    private func send(_ count: Int, as tenant: API) async throws {
        let messages = (0..<count).map { number -> JSONValue in
            ["to": .string("+1415555\(1000 + number)"), "channel": "whatsapp", "body": .string("\(number)")]
        }
        let answer = try await tenant.post("/api/v1/messages/batch", ["messages": .array(messages)])
        try #require(answer.status == 207)
        #expect(answer.json["data"]?.array?.allSatisfy { $0["status"]?.int == 202 } == true)
    }

    private func count(_ status: String, as tenant: API) async throws -> Int {
        let list = try await tenant.get("/api/v1/messages?limit=200&status=\(status)")
        return list.json["data"]?.array?.count ?? 0
    }
}
