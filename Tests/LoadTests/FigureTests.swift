import Testing

@testable import Load

@Suite struct FigureTests {
    @Test(arguments: [
        (FigureName.createRate, 5999.0, FigureVerdict.missed), (.createRate, 6000, .met), (.createRate, 8000, .stretch),
        (.idleP50, 5.1, .missed), (.idleP50, 5, .met), (.idleP50, 3, .stretch), (.memory, 250, .stretch),
        (.memory, 401, .missed), (.fairP99, 1.5, .met), (.soakRate, 89.9, .missed),
    ])
    func aFigureIsJudgedByItsTarget(name: FigureName, value: Double, verdict: FigureVerdict) {
        #expect(name.spec.verdict(of: value) == verdict)
    }

    /// Of ratios more is always better, whatever way a figure points.
    @Test(arguments: [
        (FigureName.createRate, 5000.0, 0.25 as Double?), (.idleP50, 4, 0.5), (.slowCommit, 80, 0.8),
        (.memory, 300, nil),
        (.batchRate, 5000, nil), (.createRate, 0, nil),
    ])
    func aRatioIsAShareOfWhatIsPossible(name: FigureName, value: Double, ratio: Double?) {
        #expect(name.spec.ratio(of: value, to: [.commits: 20_000, .roundTrip: 2]) == ratio)
    }

    /// P1 to P13 each have a figure, and each figure has a place.
    @Test func everyPointHasAFigure() {
        let points = Set(FigureName.allCases.map(\.spec.point))
        #expect(points == Set((1...13).map { "P\($0)" } + ["overload"]))
        for scenario in ScenarioName.allCases {
            #expect(FigureName.allCases.contains { $0.scenario == scenario }, "\(scenario)")
        }
    }

    /// A stretch lies beyond its target.
    @Test(arguments: FigureName.allCases)
    func aStretchIsFurtherThanItsTarget(name: FigureName) {
        guard let stretch = name.spec.stretch else { return }
        #expect(name.spec.verdict(of: name.spec.target) == .met)
        #expect(name.spec.verdict(of: stretch) == .stretch)
    }

    @Test(arguments: [(0.0, "0"), (999.4, "999"), (1000, "1,000"), (1_234_567.8, "1,234,568")])
    func wholeNumbersHaveCommas(value: Double, text: String) {
        #expect(Decimals.whole(value) == text)
    }

    @Test func aTableIsAlignedAndEndsNoLineWithBlanks() {
        #expect(Table.text([["a", "bb", "c"], ["dddd", "e", ""], ["f"]]) == "  a     bb  c\n  dddd  e\n  f")
    }
}
