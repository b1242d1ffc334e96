import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// Providers that answer with errors: a complete error answer is definite.
    @Suite struct ErrorAnswerTests {
        private static let outage: Duration = TestForm.value(short: .seconds(10), long: .seconds(60))
        private static let createsPerSecond = 20.0

        @Test(.timeLimit(.minutes(5)))
        func aProviderThatAnswers500LeavesNothingUncertainAndGetsEverythingAfterwards() async throws {
            try await withInstallation { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                try await tenant.newTwilioAccount()
                herald.stub.behaviours.set(BehaviourRule(.serverError(status: 500)))
                let uncertain = Collected<Int>()
                try await withThrowingDiscardingTaskGroup { tasks in
                    tasks.addTask {
                        try await withOpenLoop(rate: Self.createsPerSecond, for: Self.outage) { number in
                            _ = try await tenant.create(Self.message(number))
                        }
                    }
                    tasks.addTask {
                        try await withOpenLoop(rate: 2, for: Self.outage) { _ in
                            uncertain.add(try await tenant.count("uncertain"))
                        }
                    }
                }
                #expect(herald.stub.ledger.entries.isEmpty)
                let refused = herald.stub.stats.rejected
                herald.stub.behaviours.removeAll()
                let drained = try await tenant.drain(within: .seconds(90))

                let messages = try await tenant.allMessages()
                let handed = herald.stub.handedOver
                let unsent = messages.filter { !$0.value.isSent }
                print(
                    "500 for \(Self.outage): \(messages.count) messages, \(refused) refused,",
                    "\(uncertain.elements.max() ?? 0) uncertain at most, all sent \(drained.text) after,",
                    "unsent \(unsent.count), doubled \(handed.repeated.count)"
                )
                #expect(refused > 0)
                #expect(uncertain.elements.allSatisfy { $0 == 0 })
                #expect(drained != nil)
                #expect(unsent.isEmpty, "\(unsent.prefix(5))")
                #expect(handed.ids == Set(messages.keys))
                #expect(handed.repeated == [])
            }
        }

        private static func message(_ number: Int) -> JSONValue {
            textMessage(
                to: phone(number),
                "Message \(number)",
                channel: number % 2 == 0 ? "whatsapp" : "sms",
                // More than the outage lasts, even if every one of them is spent.
                ["retry": ["delays": .array(Array(repeating: TestForm.value(short: "1s", long: "5s"), count: 20))]]
            )
        }
    }
}
