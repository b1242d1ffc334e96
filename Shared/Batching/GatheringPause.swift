import EventLoopTasks

/// How long a run waits for more, once many come at a time: each run costs, whatever it carries.
package struct GatheringPause: Sendable {
    /// Inputs of a run from which on the next one waits.
    let from: Int
    /// It waits another turn while more came in the last one.
    let turn: Duration
    let turns: Int
    /// Runs at the same time while many come.
    let runs: Int
    let clock: any Clock<Duration>

    package init(
        from: Int,
        turn: Duration,
        turns: Int,
        runs: Int,
        clock: any Clock<Duration> = EventLoopClock()
    ) {
        self.from = max(1, from)
        self.turn = turn
        self.turns = max(0, turns)
        self.runs = max(1, runs)
        self.clock = clock
    }
}
