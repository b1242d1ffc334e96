import Foundation
import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// What a worker held when it died.
    @Suite struct TakeoverTests {
        /// Fewer than a worker's slots, some of which may be kept for one-time codes.
        private static let messages = 40
        private static let hold = 3
        private static let first = WorkerPlan.number(1)
        private static let other = WorkerPlan.number(2)

        @Test(.timeLimit(.minutes(5)))
        func aWorkerThatIsStartedAgainSettlesItsWorkWithinTwoSeconds() async throws {
            try await self.withHangingMessages { herald, tenant in
                let took = try await self.timeUntilNothingIsSending(as: tenant) {
                    await herald.processes.kill(Self.first.name)
                }
                try await self.expectEachIsSentOnce(herald, tenant)
                print("takeover: a worker started again has settled \(Self.messages) messages after \(took.text)")
                #expect(try #require(took) < .seconds(2))
            }
        }

        @Test(.timeLimit(.minutes(5)))
        func theWorkOfAWorkerThatIsLostForGoodIsTakenOverWithinFifteenSeconds() async throws {
            try await self.withHangingMessages { herald, tenant in
                try await herald.startWorker(Self.other)
                let took = try await self.timeUntilNothingIsSending(as: tenant) {
                    await herald.processes.remove(Self.first.name)
                    try FileManager.default.removeItem(atPath: herald.stateDirectory(ofHost: Self.first.host))
                }
                try await self.expectEachIsSentOnce(herald, tenant)
                print("takeover: another worker has settled \(Self.messages) messages after \(took.text)")
                #expect(try #require(took) < .seconds(15))
            }
        }

        /// Gives `body` an installation whose first worker waits for answers that do not come; whoever asks again gets one.
        private func withHangingMessages(_ body: (Installation, API) async throws -> Void) async throws {
            try await withInstallation(InstallationPlan(workers: 0, uncertainHold: Self.hold)) { herald in
                herald.stub.behaviours.set(BehaviourRule(.hang))
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount()
                try await herald.startWorker(Self.first)
                _ = try await tenant.create(
                    (0..<Self.messages).map {
                        // None of them was taken, so that no evidence comes and the policy decides.
                        textMessage(to: phone($0), "Message \($0)", ["on_uncertain": "resend"])
                    }
                )
                let areUnderWay = try await timeUntil(.seconds(30)) {
                    let sending = try await tenant.count("sending")
                    return sending == Self.messages && herald.stub.stats.rejected == Self.messages
                }
                try #require(areUnderWay != nil)
                herald.stub.behaviours.removeAll()
                try await body(herald, tenant)
            }
        }

        private func timeUntilNothingIsSending(
            as tenant: API,
            after kill: () async throws -> Void
        ) async throws -> Duration? {
            let start = ContinuousClock.now
            try await kill()
            let settled = try await timeUntil(.seconds(40), every: .milliseconds(10)) {
                try await tenant.count("sending") == 0
            }
            return settled.map { _ in start.duration(to: .now) }
        }

        private func expectEachIsSentOnce(_ herald: Installation, _ tenant: API) async throws {
            let drained = try await tenant.drain(within: .seconds(60))
            #expect(drained != nil)
            let handed = herald.stub.handedOver
            #expect(handed.ids.count == Self.messages)
            #expect(handed.repeated == [])
        }
    }
}
