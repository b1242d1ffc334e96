import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// The moment between "the provider has it" and "we know it", hit on purpose and with many messages at a time.
    @Suite struct EvidenceTests {
        private static let rounds = TestForm.value(short: 3, long: 40)
        /// Of each provider in each round; together fewer than a worker's slots.
        private static let messages = 40
        /// The provider takes what it was given after its sender has died.
        private static let delay: Duration = .seconds(6)

        @Test(.timeLimit(.minutes(30)))
        func whatAProviderTakesFromADyingWorkerIsFoundAndNotSentAgain() async throws {
            let plan = InstallationPlan(workers: 1, workerSlots: 128, uncertainHold: 60)
            try await withInstallation(plan) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                try await tenant.newTwilioAccount()
                var slowest: Duration? = .zero
                for round in 0..<Self.rounds {
                    let settled = try await self.killWhileSending(herald, tenant, round: round)
                    slowest = slowest.flatMap { slowest in settled.map { max(slowest, $0) } }
                }
                let (states, handed) = (try await tenant.allMessages(), herald.stub.handedOver)
                let unsent = states.filter { !$0.value.isSent }
                print(
                    "evidence: \(states.count) messages taken from dying workers in \(Self.rounds) rounds, each settled",
                    "within \(slowest.text), unsent \(unsent.count), doubled by WhatsApp",
                    "\(handed.repeated(by: .whatsapp).count), by Twilio \(handed.repeated(by: .twilio).count)"
                )
                #expect(slowest != nil)
                #expect(unsent.isEmpty, "\(unsent.prefix(5))")
                #expect(handed.ids == Set(states.keys))
                #expect(handed.repeated == [])
            }
        }

        /// Kills the worker while every message is on its way, and waits until all are settled.
        ///
        /// WhatsApp's callbacks tell of them; of Twilio's only the list of messages does.
        private func killWhileSending(
            _ herald: Installation,
            _ tenant: API,
            round: Int
        ) async throws -> Duration? {
            herald.stub.behaviours.set(BehaviourRule(.slow(Self.delay)), for: BehaviourMatch(provider: .whatsapp))
            herald.stub.behaviours.set(
                BehaviourRule(.slow(Self.delay), statuses: []),
                for: BehaviourMatch(provider: .twilio)
            )
            _ = try await tenant.create(
                ["whatsapp", "sms"].flatMap { channel in
                    (0..<Self.messages).map {
                        textMessage(to: phone($0), "Message \(round) \($0)", channel: channel)
                    }
                }
            )
            let areUnderWay = try await timeUntil(.seconds(4)) {
                try await tenant.count("sending") == 2 * Self.messages
            }
            try #require(areUnderWay != nil)
            // Their requests are with the provider now, and none has been taken.
            try await pause(.milliseconds(500))
            herald.stub.behaviours.removeAll()
            await herald.processes.kill(WorkerPlan.number(1).name)
            #expect(herald.stub.stats.accepted == round * 2 * Self.messages)
            return try await tenant.drain(within: .seconds(55))
        }
    }
}
