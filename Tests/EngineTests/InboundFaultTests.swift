import Foundation
import Installation
import Shared
import TestSupport
import Testing

extension Engine {
    /// What customers write while services are away, or die.
    @Suite struct InboundFaultTests {
        private static let rate = 200.0
        /// So many that no two messages of one carry the same second: on their way they may overtake each other.
        private static let conversations = 250
        private static let absence: Duration = TestForm.value(short: .seconds(5), long: .seconds(20))
        private static let calm: Duration = .seconds(3)
        /// Messages of ours that statuses are told of, three of each.
        private static let reported = TestForm.value(short: 150, long: 360)

        enum Absence: String, CaseIterable, Sendable {
            /// The connection is refused.
            case gone
            /// It takes connections, and answers nothing.
            case hanging
        }

        private static let services = ["customer-service", "conversation-service", Replica.a.name]
        private static let absences: [(String, Absence)] = TestForm.value(
            short: [(services[0], .gone), (services[1], .hanging), (services[2], .hanging)],
            long: services.flatMap { service in Absence.allCases.map { (service, $0) } }
        )

        @Test(.timeLimit(.minutes(10)), arguments: Self.absences)
        func aServiceThatIsAwayCostsNoEventAndNoOrder(service: String, absence: Absence) async throws {
            try await withInstallation(InstallationPlan(workers: 1)) { herald in
                let tenant = try await herald.newTenant()
                let number = try await tenant.newWhatsAppAccount()
                let traffic = InboundTraffic(
                    herald,
                    number: number,
                    conversations: Self.conversations,
                    sent: try await herald.send(Self.reported, by: tenant)
                )
                let beats = Int(Self.rate * ((Self.absence + Self.calm * 2) / .seconds(1)))
                // Makes the customers known, and the account.
                for beat in 0..<Self.conversations { try await traffic.post(beat) }
                let start = ContinuousClock.now
                try await Self.send(beats, through: traffic, while: service, is: absence, in: herald)
                let expected = traffic.expected(after: Self.conversations + beats)
                let caughtUp = try await Self.caughtUp(tenant, Self.count(expected))
                let texts = try await tenant.inboundTexts()
                let reports = traffic.expectedReports(after: Self.conversations + beats)
                let wrong = try await tenant.wrongReports(reports)
                let times = Self.times(traffic.all, from: start)
                let inOrder = Self.equal(texts, expected)
                print(
                    "inbound: \(service) \(absence.rawValue) for \(Self.absence), \(beats) events, up \(times.up.text),"
                )
                print(
                    "    away \(times.away.text), caught up \(caughtUp.text) after, in order \(inOrder) of \(expected.count),",
                    "messages with wrong statuses \(wrong.count) of \(reports.count)"
                )
                #expect(times.refused == 0)
                #expect(times.away.percentile(99) < (Programs.current.areOptimized ? 2200 : 3000))
                #expect(times.up.percentile(99) < (Programs.current.areOptimized ? 100 : 500))
                #expect(caughtUp != nil)
                #expect(inOrder == expected.count)
                #expect(texts.count == expected.count)
                #expect(Self.count(texts) == Self.count(expected))
                #expect(wrong == [])
            }
        }

        @Test(.timeLimit(.minutes(10)))
        func whatWasAnsweredHasItsEffectOnceWhateverDies() async throws {
            print("inbound: seed \(Seed.current)")
            try await withPrivatePostgres { postgres, databases in
                try await withInstallation(InstallationPlan(workers: 0), databases: databases) { herald in
                    let tenant = try await herald.newTenant()
                    let number = try await tenant.newWhatsAppAccount()
                    let traffic = InboundTraffic(herald, number: number, conversations: 50)
                    let duration: Duration = TestForm.value(short: .seconds(12), long: .seconds(60))
                    let kills = RandomKills(
                        processes: herald.processes,
                        victims: [
                            .process("inbound-gateway"), .process("inbound-gateway"), .process("customer-service"),
                            .process("conversation-service"), .process(Replica.a.name), .postgres(postgres),
                        ],
                        pauses: 400...1200
                    )
                    let beats = Int(Self.rate / 2 * (duration / .seconds(1)))
                    async let killed = kills.run(for: duration)
                    try await withOpenLoop(rate: Self.rate / 2, for: duration) { try await traffic.post($0) }
                    let counts = try await killed
                    let expected = traffic.expected(after: beats).mapValues { $0.sorted() }
                    let caughtUp = try await Self.caughtUp(tenant, beats)
                    let texts = try await tenant.inboundTexts().mapValues { $0.sorted() }
                    let stored = Self.count(texts)
                    print(
                        "inbound: seed \(Seed.current), \(beats) messages, \(traffic.all.count) calls,",
                        "killed \(counts.killsText), caught up \(caughtUp.text) after, lost \(max(beats - stored, 0)),",
                        "doubled \(max(stored - beats, 0))"
                    )
                    #expect(caughtUp != nil)
                    #expect(texts == expected)
                    let unread = try await tenant.get("/api/v1/conversations?limit=200").json["data"]?.array ?? []
                    #expect(unread.compactMap { $0["unread_count"]?.int }.reduce(0, +) == beats)
                }
            }
        }

        /// Sends at the rate, and takes the service away for a while in the middle of it.
        private static func send(
            _ beats: Int,
            through traffic: InboundTraffic,
            while service: String,
            is absence: Absence,
            in herald: Installation
        ) async throws {
            let duration = Duration.seconds(Double(beats) / Self.rate)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await Self.take(service, absence, from: herald) }
                tasks.addTask {
                    try await withOpenLoop(rate: Self.rate, for: duration) {
                        try await traffic.post(Self.conversations + $0)
                    }
                }
                try await tasks.waitForAll()
            }
        }

        private static func take(_ service: String, _ absence: Absence, from herald: Installation) async throws {
            try await pause(self.calm)
            switch absence {
            case .gone:
                let command = try #require(await herald.processes.remove(service))
                try await pause(self.absence)
                try await herald.processes.start(service, command)
            case .hanging:
                await herald.processes.signal(service, SIGSTOP)
                try await pause(self.absence)
                await herald.processes.signal(service, SIGCONT)
            }
        }

        private static func caughtUp(_ tenant: API, _ count: Int) async throws -> Duration? {
            try await timeUntil(.seconds(90), every: .milliseconds(500)) {
                let texts = try? await tenant.inboundTexts()
                return Self.count(texts ?? [:]) >= count
            }
        }

        private static func count(_ texts: [String: [String]]) -> Int {
            texts.values.map(\.count).reduce(0, +)
        }

        /// How many conversations have what they must have.
        private static func equal(_ texts: [String: [String]], _ expected: [String: [String]]) -> Int {
            expected.count { texts[$0.key] == $0.value }
        }

        private struct Times {
            let up: Latencies
            let away: Latencies
            let refused: Int
        }

        private static func times(_ calls: [InboundTraffic.Call], from start: ContinuousClock.Instant) -> Times {
            let (awayFrom, awayTo) = (start + Self.calm, start + Self.calm + Self.absence)
            let calls = calls.filter { $0.startedAt >= start }
            let away = calls.filter { $0.startedAt >= awayFrom && $0.startedAt <= awayTo }
            // Two seconds to find out, on either side.
            let up = calls.filter { $0.startedAt < awayFrom - .seconds(2) || $0.startedAt > awayTo + .seconds(2) }
            return Times(
                up: Latencies(milliseconds: up.map(\.milliseconds)),
                away: Latencies(milliseconds: away.map(\.milliseconds)),
                refused: calls.count { $0.status != 200 }
            )
        }
    }
}
