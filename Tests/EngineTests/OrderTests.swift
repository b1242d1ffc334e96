import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// The order within a conversation.
    @Suite struct OrderTests {
        private static let conversations = TestForm.value(short: 100, long: 1000)
        private static let rounds = TestForm.value(short: 10, long: 20)
        private static let pauseBetweenRounds: Duration = .seconds(TestForm.value(short: 2, long: 6))
        private static let workers = 4

        @Test(.timeLimit(.minutes(20)))
        func noMessageOvertakesAnotherOfItsConversationWhateverFailsOrDies() async throws {
            print("order: seed \(Seed.current)")
            try await withInstallation(
                InstallationPlan(workers: Self.workers, uncertainHold: TestForm.value(short: 10, long: 60))
            ) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                let kills = RandomKills(
                    processes: herald.processes,
                    victims: (1...Self.workers).map { .process(WorkerPlan.number($0).name) },
                    pauses: 500...1500
                )
                async let killed = kills.run(for: Self.pauseBetweenRounds * Self.rounds)
                let created = try await self.createRounds(herald, tenant)
                let counts = try await killed
                let drained = try await tenant.drain(within: .seconds(180))

                let handed = herald.stub.handedOver
                let inversions = Self.inversions(in: handed.order, created: created)
                let total = Self.conversations * Self.rounds
                let states = try await tenant.allMessages()
                let unsent = created.keys.filter { !handed.ids.contains($0) }.map { states[$0] }
                print(
                    "order: seed \(Seed.current), \(total) messages of \(Self.conversations) conversations,",
                    "\(herald.stub.stats.rejected) failures, killed \(counts.killsText), drained in \(drained.text):",
                    "inversions \(inversions.count), unsent \(total - handed.ids.count), doubled",
                    handed.repeated.count
                )
                #expect(inversions == [])
                #expect(drained != nil)
                #expect(unsent == [])
                #expect(handed.ids.count == total)
                #expect(handed.repeated == [])
                #expect(herald.stub.stats.rejected > total / 10)
            }
        }

        /// Where a message stands among those of its conversation.
        private struct Place {
            let conversation: Int
            let round: Int
        }

        /// Creates one message for each conversation, round after round, and has a fifth of all attempts fail.
        private func createRounds(_ herald: Installation, _ tenant: API) async throws -> [String: Place] {
            var generator = SeededGenerator(purpose: 2)
            var created: [String: Place] = [:]
            for round in 0..<Self.rounds {
                // One failure for a quarter of the messages makes a fifth of all attempts.
                for conversation in 0..<Self.conversations where Int.random(in: 0..<4, using: &generator) == 0 {
                    herald.stub.behaviours.set(
                        BehaviourRule(.serverError(status: 503), times: 1),
                        for: BehaviourMatch(to: phone(conversation))
                    )
                }
                let ids = try await tenant.create(
                    (0..<Self.conversations).map { Self.message(round, to: phone($0)) }
                )
                for (conversation, id) in ids.enumerated() {
                    created[id] = Place(conversation: conversation, round: round)
                }
                try await pause(Self.pauseBetweenRounds)
            }
            return created
        }

        /// The messages that a provider first took after a later one of the same conversation.
        private static func inversions(in order: [String], created: [String: Place]) -> [String] {
            var latest: [Int: Int] = [:]
            return order.filter { id in
                guard let place = created[id] else { return false }
                let before = latest[place.conversation] ?? -1
                latest[place.conversation] = max(before, place.round)
                return place.round < before
            }
        }

        private static func message(_ round: Int, to recipient: String) -> JSONValue {
            textMessage(
                to: recipient,
                "Message \(round)",
                [
                    "on_uncertain": "resend",
                    "retry": [
                        "delays": ["200ms", "200ms", "500ms", "500ms", "1s", "1s", "2s", "2s", "5s", "5s", "5s", "5s"]
                    ],
                ]
            )
        }
    }
}
