import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// The channel `webhook`, whose receivers answer nobody who asks: what may have arrived goes out again, under the same id.
    @Suite struct ReceiverTests {
        private static let rounds = TestForm.value(short: 2, long: 20)
        private static let messages = 40
        /// The receiver takes what it was given after its sender has died.
        private static let delay: Duration = .seconds(4)

        @Test(.timeLimit(.minutes(30)))
        func whatAReceiverTakesFromADyingWorkerIsKnownByItsIDWhenItComesAgain() async throws {
            let plan = InstallationPlan(workers: 1, workerSlots: 128, uncertainHold: 2)
            try await withInstallation(plan) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newReceiver(at: "\(herald.stub.url)/receivers/crm")
                for round in 0..<Self.rounds { try await self.killWhileSending(herald, tenant, round: round) }
                let (states, entries) = (try await tenant.allMessages(), herald.stub.ledger.entries)
                // What came while the first was still being taken is taken twice, under one id.
                let repeated = herald.stub.stats.repeated + entries.count - states.count
                print(
                    "receivers: \(states.count) messages taken from dying workers in \(Self.rounds) rounds,",
                    "\(repeated) came again under their ids, unsent \(states.count { !$0.value.isSent })"
                )
                #expect(states.count == Self.rounds * Self.messages)
                #expect(states.filter { !$0.value.isSent }.isEmpty)
                #expect(Set(entries.compactMap(\.providerID)) == Set(states.keys))
                #expect(repeated > 0, "the kill came too late to hit a message on its way")
            }
        }

        private func killWhileSending(_ herald: Installation, _ tenant: API, round: Int) async throws {
            herald.stub.behaviours.set(BehaviourRule(.slow(Self.delay)), for: BehaviourMatch(provider: .webhook))
            _ = try await tenant.create(
                (0..<Self.messages).map {
                    textMessage(to: "customer-\($0)", "Message \(round) \($0)", channel: "webhook")
                }
            )
            let areUnderWay = try await timeUntil(.seconds(3)) { try await tenant.count("sending") == Self.messages }
            try #require(areUnderWay != nil)
            // Their requests are with the receiver now, and none has been taken.
            try await pause(.milliseconds(300))
            herald.stub.behaviours.removeAll()
            await herald.processes.kill(WorkerPlan.number(1).name)
            try #require(try await tenant.drain(within: .seconds(55)) != nil)
        }
    }
}
