extension QueueRow {
    /// The count of `crashes` at which a message is taken for what causes them: three after its attempt had begun, or nine
    /// before.
    ///
    /// Begun ones weigh more because a message does its harm there. The others come from workers that are killed from outside as
    /// well, and innocent messages would be failed where that happens often.
    package static let mostCrashes = 9
    static let weightOfHeld = 1
    static let weightOfBegun = 3

    /// `crashes` after a worker ended without a word while it held the message, or told what became of it.
    ///
    /// Silence counts as little as can be; the worker's next life knows more, and adds what is missing, as does the end of the hold
    /// where nobody came back. It may be said more than once, which adds nothing.
    func crashes(after crash: Settlement.Crash) -> Int {
        switch crash {
        case .none: return self.crashes
        case .counted: return self.crashes + Self.weightOfHeld
        case .recovered(let mayHaveBegun):
            let weight = mayHaveBegun ? Self.weightOfBegun : Self.weightOfHeld
            if self.state == .leased { return self.crashes + weight }
            return self.crashes + (self.heldBy == nil ? 0 : weight - Self.weightOfHeld)
        case .forgotten: return 0
        }
    }
}
