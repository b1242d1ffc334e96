import Foundation
import Installation
import ProviderStub
import Shared
import Testing

extension Engine {
    /// Two processes of messaging-service over one database.
    @Suite struct ReplicaTests {
        private static let samples = 100

        @Test(.timeLimit(.minutes(5)))
        func whatOneReplicaTakesAWorkerOfTheOtherSendsAtOnce() async throws {
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                // The gateway asks replica A.
                try await herald.startWorker(WorkerPlan(name: "outbound-worker-1", host: "host-b", replica: .b))
                for number in 0..<10 { _ = try await tenant.create(textMessage(to: phone(number), "First")) }

                var starts: [(id: String, at: Date)] = []
                for number in 0..<Self.samples {
                    let id = try await tenant.create(textMessage(to: phone(10 + number), "Message \(number)"))
                    starts.append((id, Date()))
                    // An idle system: nothing is under way when the next one comes.
                    try await pause(.milliseconds(50))
                }
                let ids = Set(starts.map(\.id))
                let arrived = try await timeUntil(.seconds(30)) { herald.stub.handedOver.ids.isSuperset(of: ids) }
                let latencies = Latencies(from: starts, to: herald.stub.handedOver)
                print("replicas: from the acknowledgement by one to the provider by the other: \(latencies.text)")
                #expect(arrived != nil)
                #expect(latencies.count == Self.samples)
                // A debug build may stumble now and then.
                #expect(latencies.percentile(Programs.current.areOptimized ? 99 : 95) < 200)
                #expect(herald.stub.handedOver.repeated == [])
            }
        }
    }
}
