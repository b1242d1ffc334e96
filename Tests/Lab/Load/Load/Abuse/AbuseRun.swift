/// Measures one organization in quiet and in abused stretches, which take turns.
struct AbuseRun: Sendable {
    struct Result: Sendable {
        var quiet = Tally()
        var abused = Tally()
        var abuser = Tally()
    }

    /// Before anything is measured, of each organization.
    private static let warmUp = Duration.seconds(3)

    let measured: SteadyCreates
    let abuser: SteadyCreates
    /// What the abuser sends in the quiet stretches; nil for nothing.
    let allowed: SteadyCreates?
    let turns: Int
    let stretch: Duration

    func callAsFunction() async -> Result {
        async let first = self.abuser(Self.warmUp, from: 0)
        _ = await self.measured(Self.warmUp, from: 0)
        _ = await first
        var result = Result()
        for turn in 1...self.turns {
            let number = turn * 1_000_000
            // The order changes, so that neither always comes after the other.
            for isAbused in turn % 2 == 0 ? [false, true] : [true, false] {
                if isAbused {
                    async let refused = self.abuser(self.stretch, from: number)
                    result.abused.add(await self.measured(self.stretch, from: number))
                    result.abuser.add(await refused)
                } else {
                    async let admitted = self.allowed?(self.stretch, from: number)
                    result.quiet.add(await self.measured(self.stretch, from: number))
                    _ = await admitted
                }
            }
        }
        return result
    }
}
