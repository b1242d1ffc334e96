import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// A provider that refuses the account, not the message.
    @Suite struct ParkTests {
        private static let queued = TestForm.value(short: 1000, long: 10_000)
        private static let refusal: Duration = TestForm.value(short: .seconds(10), long: .seconds(60))
        /// What was under way when the first answer came ends within this time.
        private static let burst: Duration = .seconds(2)

        @Test(.timeLimit(.minutes(15)))
        func anExpiredTokenFailsNothingAndThenEverythingIsSentByItself() async throws {
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                let ids = try await tenant.create(
                    (0..<Self.queued).map { textMessage(to: phone($0), "Message \($0)") }
                )
                herald.stub.behaviours.set(
                    BehaviourRule(.reject(status: 401, code: 190, message: "Error validating access token"))
                )
                try await herald.startWorkers(4)
                _ = try #require(try await timeUntil(.seconds(30)) { herald.stub.stats.rejected > 0 })
                try await pause(Self.burst)
                let inBurst = herald.stub.stats.rejected
                let probes = try await self.countProbes(herald, for: Self.refusal - Self.burst)
                let state = try await self.accountState(tenant)
                let failed = try await tenant.count("failed")
                herald.stub.behaviours.removeAll()
                let drained = try await tenant.drain(within: .seconds(180))

                let handed = herald.stub.handedOver
                print(
                    "park: \(Self.queued) queued, \(inBurst) refused at first, then \(probes) probes in",
                    "\(Self.refusal - Self.burst) (\(state)), failed \(failed), all sent \(drained.text) after the end"
                )
                #expect(failed == 0)
                #expect(state == "parked")
                // One a second at most; two may meet in one of the seconds that are counted.
                #expect(probes.reduce(0, +) <= probes.count && probes.allSatisfy { $0 <= 2 }, "\(probes)")
                #expect(drained != nil)
                #expect(handed.ids == Set(ids))
                #expect(handed.repeated == [])
                let stateAtTheEnd = try await self.accountState(tenant)
                #expect(stateAtTheEnd == "open")
            }
        }

        /// How many requests came in each second.
        private func countProbes(_ herald: Installation, for duration: Duration) async throws -> [Int] {
            let clock = ContinuousClock()
            var (before, next) = (herald.stub.stats.rejected, clock.now)
            var counts: [Int] = []
            for _ in 0..<Int(duration / .seconds(1)) {
                next += .seconds(1)
                try await clock.sleep(until: next)
                let now = herald.stub.stats.rejected
                counts.append(now - before)
                before = now
            }
            return counts
        }

        private func accountState(_ tenant: API) async throws -> String {
            let queue = try await tenant.get("/api/v1/queue")
            #expect(queue.status == 200, "\(queue.text)")
            return queue.json["accounts"]?[0]?["state"]?.string ?? ""
        }
    }
}
