import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// Everything that may die dies, again and again, while clients go on.
    @Suite struct KillTests {
        private static let duration: Duration = TestForm.value(short: .seconds(60), long: .seconds(600))
        /// A debug build on two cores keeps up with this, with time to catch up after each kill.
        private static let createsPerSecond: Double = Programs.current.areOptimized ? 100 : 30
        /// Conversations that the messages of a channel are spread over.
        private static let recipients = 200
        private static let workers = 4

        @Test(.timeLimit(.minutes(20)))
        func nothingIsLostDoubledOrStuckWhateverIsKilled() async throws {
            print("kills: seed \(Seed.current)")
            try await withPrivatePostgres { postgres, databases in
                // The hold outlasts the stub's callbacks, which are repeated for 23 s, on a machine that is busy with all of this.
                let plan = InstallationPlan(workers: Self.workers, uncertainHold: 60)
                try await withInstallation(plan, databases: databases) { herald in
                    let tenant = try await herald.newTenant()
                    try await tenant.newWhatsAppAccount()
                    try await tenant.newTwilioAccount()
                    let client = PersistentClient(api: tenant)
                    let (acknowledged, changed) = (Collected<String>(), Collected<String>())
                    let kills = try await self.killWhileCreating(herald, postgres) { number in
                        let (message, key) = (Self.message(number), "key-\(number)")
                        let answer = try await client.create(message, key: key)
                        acknowledged.add(answer.id)
                        guard number % 20 == 0 else { return }
                        let again = try await client.create(message, key: key)
                        if again.bytes != answer.bytes { changed.add(key) }
                    }
                    let drained = try await tenant.drain(within: .seconds(240))
                    let reckoning = Reckoning(
                        acknowledged: Set(acknowledged.elements),
                        messages: try await tenant.allMessages(),
                        handed: herald.stub.handedOver
                    )
                    let (answers, restart) = (client.answers.counts, await herald.processes.slowestRestart)
                    print(
                        "kills: seed \(Seed.current), \(acknowledged.count) acknowledged (\(answers.deferred) times",
                        "deferred, \(answers.unreachable) unreachable), killed \(kills.killsText); slowest restart",
                        "\(Duration?.some(restart).text), drained in \(drained.text): \(reckoning.text)"
                    )
                    for id in herald.stub.handedOver.repeated.prefix(4) {
                        print("doubled:", try await tenant.get("/api/v1/messages/\(id)/timeline").text)
                    }
                    #expect(acknowledged.count == Int(Self.createsPerSecond * (Self.duration / .seconds(1))))
                    #expect(reckoning.faults == [])
                    #expect(changed.elements == [], "A repeated create was answered in another way.")
                    #expect(answers.odd == [])
                    #expect(drained != nil)
                    #expect(restart < .seconds(1))
                }
            }
        }

        /// Creates at a steady rate while programs die and providers take messages without saying so; ends when every create is
        /// acknowledged and everything runs again.
        private func killWhileCreating(
            _ herald: Installation,
            _ postgres: PrivatePostgres,
            _ create: @escaping @Sendable (Int) async throws -> Void
        ) async throws -> [String: Int] {
            let workers = (1...Self.workers).map { RandomKills.Victim.process(WorkerPlan.number($0).name) }
            let replicas = Replica.allCases.map { RandomKills.Victim.process($0.name) }
            let kills = RandomKills(
                processes: herald.processes,
                // Of 20: twelve workers, five of messaging-service, three Postgres.
                victims: Array(repeating: workers, count: 3).flatMap(\.self) + replicas + replicas
                    + [replicas[0], .postgres(postgres), .postgres(postgres), .postgres(postgres)],
                pauses: 300...1500
            )
            // About a tenth of what each provider is sent.
            let cuts = CutAnswers(stub: herald.stub, interval: .seconds(20 / Self.createsPerSecond))
            return try await withThrowingTaskGroup(of: [String: Int].self) { tasks in
                tasks.addTask { try await kills.run(for: Self.duration) }
                tasks.addTask {
                    try await cuts.run(for: Self.duration)
                    return [:]
                }
                tasks.addTask {
                    try await withOpenLoop(rate: Self.createsPerSecond, for: Self.duration, create)
                    return [:]
                }
                return try await tasks.reduce(into: [:]) { $0.merge($1) { $0 + $1 } }
            }
        }

        /// Every second one an SMS; every text is another, as a look-up compares recipient and text.
        private static func message(_ number: Int) -> JSONValue {
            textMessage(
                to: phone(number / 2 % self.recipients),
                "Message \(number)",
                channel: number % 2 == 0 ? "whatsapp" : "sms",
                [
                    // What never left when its worker died leaves no evidence, and is sent again after the hold time.
                    "on_uncertain": "resend",
                    "retry": ["delays": ["200ms", "500ms", "1s", "1s", "2s", "2s", "5s", "5s", "5s", "5s"]],
                ]
            )
        }
    }
}
