/// One schedule from its seed to its end.
struct Simulation: Sendable {
    enum Tracing: Sendable { case on, off }

    struct Result: Sendable {
        /// What was found wrong; nil when nothing was.
        let violation: String?
        let steps: Int
        let sights: Sights
        /// Empty unless it was asked for.
        let trace: [String]
    }

    let seed: UInt64
    var defect: Defect?

    func callAsFunction(_ tracing: Tracing = .off) -> Result {
        let world = World(seed: self.seed, defect: self.defect, tracing: tracing)
        world.run()
        return Result(
            violation: world.violation,
            steps: world.steps,
            sights: world.sights,
            trace: world.trace ?? []
        )
    }

    /// What is wrong with this seed, and what happened last: the same schedule is made once more for it.
    func report(lines: Int = 40) -> String {
        let result = self(.on)
        let found = result.violation ?? "nothing is wrong"
        let head = "seed \(self.seed)\(self.defect.map { " with the defect \($0)" } ?? ""): \(found)"
        let replay = "replay: HERALD_SIM_SEED=\(self.seed) swift test --filter SimulationTests"
        return ([head, replay] + result.trace.suffix(lines)).joined(separator: "\n")
    }
}
