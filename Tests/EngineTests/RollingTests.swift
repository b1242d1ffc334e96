import Foundation
import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// Every program is restarted in its turn, as a deployment of a new version does, while clients go on.
    @Suite struct RollingTests {
        private static let createsPerSecond: Double = Programs.current.areOptimized ? 100 : 20
        private static let rounds = TestForm.value(short: 1, long: 10)
        private static let recipients = 100

        @Test(.timeLimit(.minutes(20)))
        func aRollingRestartFailsNoRequestAndSendsNothingTwice() async throws {
            try await withInstallation(InstallationPlan(workers: 2, uncertainHold: 60)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                let client = PersistentClient(api: tenant)
                let acknowledged = Collected<String>()
                let exits = try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { try await self.createUntilCancelled(client, acknowledged) }
                    let exits = try await self.restartAll(herald)
                    tasks.cancelAll()
                    return exits
                }
                let drained = try await tenant.drain(within: .seconds(120))
                let handed = herald.stub.handedOver
                let messages = try await tenant.allMessages()
                let unsent = acknowledged.elements.filter { messages[$0]?.isSent != true }
                let answers = client.answers.counts
                let slowest = exits.max { $0.value < $1.value }
                print(
                    "rolling: \(exits.count) programs restarted \(Self.rounds) times, \(acknowledged.count) creates",
                    "acknowledged, \(answers.deferred) asked to come again, \(answers.unreachable) without a connection,",
                    "failed \(answers.odd.count), unsent \(unsent.count), doubled \(handed.repeated.count);",
                    "slowest exit \(slowest?.key ?? "none") \(slowest.map(\.value).text), drained in \(drained.text)"
                )
                #expect(answers.odd == [])
                #expect(unsent == [])
                #expect(handed.repeated == [])
                #expect(drained != nil)
                #expect(exits.allSatisfy { $0.value < .seconds(25) })
            }
        }

        /// One after the other, each when the one before it can work again.
        ///
        /// - Returns: the longest that each took to end.
        private func restartAll(_ herald: Installation) async throws -> [String: Duration] {
            let ports = herald.ports
            let programs: [(String, Int?)] =
                [
                    ("customer-service", ports.customers), ("conversation-service", ports.conversations),
                    (Replica.a.name, ports.messaging[.a]), (Replica.b.name, ports.messaging[.b]),
                    (WorkerPlan.number(1).name, ports.firstWorker), (WorkerPlan.number(2).name, nil),
                    ("inbound-gateway", ports.inbound), ("api-gateway", ports.gateway),
                ]
            var exits: [String: Duration] = [:]
            for _ in 0..<Self.rounds {
                for (name, port) in programs {
                    exits[name] = max(exits[name] ?? .zero, await herald.processes.restart(name))
                    guard let port else { continue }
                    let isReady = try await timeUntil(.seconds(60)) {
                        (try? await API(url: ports.url(port), key: nil).isReady()) ?? false
                    }
                    try #require(isReady != nil, "\(name) is not ready")
                }
            }
            return exits
        }

        private func createUntilCancelled(_ client: PersistentClient, _ acknowledged: Collected<String>) async throws {
            try await withThrowingDiscardingTaskGroup { tasks in
                var number = 0
                while !Task.isCancelled {
                    let (message, key) = (
                        textMessage(to: phone(number % Self.recipients), "\(number)"), "key-\(number)"
                    )
                    // What is under way when nothing more is begun is still acknowledged.
                    tasks.addTask {
                        let creation = Task { acknowledged.add(try await client.create(message, key: key).id) }
                        try await creation.value
                    }
                    number += 1
                    try? await pause(.seconds(1 / Self.createsPerSecond))
                }
            }
        }
    }
}
