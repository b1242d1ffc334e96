import Foundation
import Installation
import ProviderStub
import Shared
import TestSupport
import Testing

extension Engine {
    /// One organization's work beside another's.
    @Suite struct FairnessTests {
        @Test(.timeLimit(.minutes(30)))
        func aCampaignOfOneOrganizationDelaysNoCodeOfAnother() async throws {
            let backlog = TestForm.value(short: 5000, long: 200_000)
            let codes = 100
            try await withInstallation(InstallationPlan(workers: 0, workerSlots: 32)) { herald in
                // What the machine would spend on callbacks says nothing about whose turn it is.
                herald.stub.callbacks.update { $0.isEnabled = false }
                let (campaign, other) = (try await herald.newTenant(), try await herald.newTenant())
                let number = try await campaign.newWhatsAppAccount()
                try await other.newWhatsAppAccount()
                _ = try await campaign.create((0..<backlog).map { Self.marketing($0) })
                // Slow enough to keep the workers' slots busy all the time.
                herald.stub.behaviours.set(
                    BehaviourRule(.slow(.milliseconds(300))),
                    for: BehaviourMatch(account: number)
                )
                try await herald.startWorkers(4)
                _ = try #require(try await timeUntil(.seconds(60)) { herald.stub.stats.accepted >= 64 })

                // The first ones open connections and read statements: they are not measured.
                for code in 0..<10 { _ = try await other.create(Self.code(code)) }
                let starts = Collected<(id: String, at: Date)>()
                try await withOpenLoop(rate: 20, for: .seconds(Double(codes) / 20)) { code in
                    let start = Date()
                    starts.add((try await other.create(Self.code(10 + code)), start))
                }
                let arrived = try await timeUntil(.seconds(30)) {
                    herald.stub.handedOver.ids.isSuperset(of: starts.elements.map(\.id))
                }
                let left = try await campaign.unfinished()
                let latencies = Latencies(from: starts.elements, to: herald.stub.handedOver)
                print("fairness: codes beside \(left) to \(backlog) queued by another: \(latencies.text)")
                #expect(arrived != nil)
                #expect(latencies.count == codes)
                #expect(left > 0, "The campaign was over before the codes were.")
                // Behind the campaign it would be ten seconds; unoptimized, on a slow machine, it has been six tenths of one.
                #expect(latencies.percentile(99) < (Programs.current.areOptimized ? 100 : 1000))
            }
        }

        @Test(.timeLimit(.minutes(30)))
        func tenEqualOrganizationsGetEqualShares() async throws {
            // So many that what four workers hold at a moment, some dozens of each, weighs little against a share.
            let each = TestForm.value(short: 1500, long: 5000)
            try await withInstallation(InstallationPlan(workers: 0)) { herald in
                var numbers: [String] = []
                for _ in 0..<10 {
                    let tenant = try await herald.newTenant()
                    numbers.append(try await tenant.newWhatsAppAccount())
                    _ = try await tenant.create((0..<each).map { Self.marketing($0) })
                }
                try await herald.startWorkers(4)
                let total = each * numbers.count
                // While none has run out of work: the first tenth is the start, and the last two fifths are the end.
                let window = total / 10..<total * 6 / 10
                _ = try #require(
                    try await timeUntil(.seconds(300), every: .milliseconds(200)) {
                        herald.stub.stats.accepted >= window.upperBound
                    }
                )
                let entries = herald.stub.ledger.entries[window]
                let shares = numbers.map { number in Double(entries.count { $0.account == number }) }
                let index = Self.jainIndex(of: shares)
                print(
                    "fairness: ten equal organizations got \(Int(shares.min() ?? 0)) to \(Int(shares.max() ?? 0)) of",
                    "\(entries.count), Jain index \((index * 10_000).rounded() / 10_000)"
                )
                #expect(index >= 0.99)
            }
        }

        /// 1 when all have the same, 1/n when one has everything (Jain, Chiu and Hawe, 1984).
        private static func jainIndex(of shares: [Double]) -> Double {
            let sum = shares.reduce(0, +)
            return sum * sum / (Double(shares.count) * shares.reduce(0) { $0 + $1 * $1 })
        }

        private static func marketing(_ number: Int) -> JSONValue {
            textMessage(to: phone(number), "Offer \(number)", ["category": "marketing"])
        }

        private static func code(_ number: Int) -> JSONValue {
            textMessage(to: phone(1_000_000 + number), "Your code is \(number)", ["category": "otp"])
        }
    }
}
