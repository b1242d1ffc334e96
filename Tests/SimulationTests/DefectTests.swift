import Testing

/// The simulation bites: each fault that is put into it is found.
@Suite struct DefectTests {
    /// Schedules in which a defect must be found.
    private static let most: UInt64 = 5000

    @Test(.enabled(if: Requested.seed == nil), arguments: Defect.allCases)
    func eachDefectIsFound(defect: Defect) async {
        for seed in 0..<Self.most {
            if Simulation(seed: seed, defect: defect)().violation != nil { return }
            await Task.yield()
        }
        Issue.record("\(defect) is not found in \(Self.most) schedules")
    }
}
