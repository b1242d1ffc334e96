import Synchronization
import Testing

/// Schedules of all that can go wrong, each of which is made again exactly from its seed.
@Suite struct SimulationTests {
    private static let shards = 8
    /// What the shards that are over came by, and how many are not.
    private static let seen = Mutex((sights: Sights(), left: shards))

    @Test(.enabled(if: Requested.seed == nil), arguments: 0..<shards)
    func nothingIsLostRepeatedOrStuck(shard: Int) async {
        var sights = Sights()
        for seed in stride(from: UInt64(shard), to: Requested.count, by: Self.shards) {
            let simulation = Simulation(seed: seed)
            let result = simulation()
            sights.add(result.sights)
            if result.violation != nil {
                Issue.record("\(simulation.report())")
                break
            }
            // Other tests wait for answers meanwhile.
            await Task.yield()
        }
        self.finish(sights)
    }

    @Test(.enabled(if: Requested.seed == nil)) func theSameSeedIsTheSameSchedule() {
        for seed in 0..<UInt64(20) {
            #expect(Simulation(seed: seed)(.on).trace == Simulation(seed: seed)(.on).trace)
        }
    }

    @Test(.enabled(if: Requested.seed != nil)) func oneSchedule() {
        let simulation = Simulation(seed: Requested.seed ?? 0)
        print(simulation.report(lines: .max))
        #expect(simulation().violation == nil)
    }

    /// The last of the shards looks whether all was seen; of few schedules that can not be expected.
    private func finish(_ sights: Sights) {
        let unseen = Self.seen.withLock { seen in
            seen.sights.add(sights)
            seen.left -= 1
            return seen.left == 0 ? Sight.allCases.filter { seen.sights[$0] == 0 } : []
        }
        if Requested.count >= 10_000 { #expect(unseen.isEmpty, "what never happens is not tested") }
    }
}
