import Foundation
import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// An account's own limit, whichever worker sends.
    @Suite struct RateTests {
        private static let rate = 50
        /// A tenth of a second's worth, unless the account says otherwise.
        private static let burst = 5
        /// As much may come late from one worker that the machine held up, and meet what comes in time.
        private static let tolerance = 5
        private static let seconds = TestForm.value(short: 10, long: 20)

        @Test(.timeLimit(.minutes(5))) func fourWorkersKeepToOneAccountsRate() async throws {
            try await withInstallation(InstallationPlan(workers: 4)) { herald in
                let tenant = try await herald.newTenant()
                try await tenant.newWhatsAppAccount(
                    settings: ["rate_per_second": .number(JSONNumber(Self.rate)), "pair_interval_ms": 0]
                )
                // A second to get going, and two at the end that nothing is missing from.
                let needed = Self.rate * (Self.seconds + 3)
                _ = try await tenant.create((0..<needed).map { textMessage(to: phone($0), "Message \($0)") })
                let arrived = try await timeUntil(.seconds(Self.seconds + 30), every: .milliseconds(200)) {
                    herald.stub.stats.accepted >= Self.rate * (Self.seconds + 2)
                }
                try #require(arrived != nil)

                let times = herald.stub.ledger.entries.map(\.at.timeIntervalSinceReferenceDate).sorted()
                let start = try #require(times.first) + 1
                let inWindow = times.filter { $0 >= start && $0 < start + Double(Self.seconds) }
                let perSecond = Double(inWindow.count) / Double(Self.seconds)
                let most = Self.most(of: times, within: 0.1)
                print(
                    "rate: \(perSecond)/s over \(Self.seconds) s of a limit of \(Self.rate)/s, at most \(most) in 100 ms"
                )
                #expect(abs(perSecond / Double(Self.rate) - 1) <= 0.05)
                // A full bucket, and what flows into it meanwhile.
                #expect(most <= Self.burst + Self.rate / 10 + Self.tolerance)
            }
        }

        /// The greatest number of sorted times within any window of that length.
        private static func most(of times: [Double], within length: Double) -> Int {
            var (first, most) = (0, 0)
            for (index, time) in times.enumerated() {
                while times[first] <= time - length { first += 1 }
                most = max(most, index - first + 1)
            }
            return most
        }
    }
}
