/// How the free slots of a worker are divided: the last ones are for one-time codes alone.
///
/// So a campaign that fills every other slot with slow requests does not hold up a code.
struct SlotShare: Equatable {
    /// For any message; 0 when only the reserve is left.
    let any: Int
    /// For one-time codes, when `any` is 0.
    let urgent: Int

    /// A sixteenth of a worker's slots are kept; a worker of fewer than 32 is too small for that.
    init(free: Int, of count: Int) {
        let reserve = count >= 32 ? count / 16 : 0
        self.any = max(0, free - reserve)
        self.urgent = self.any > 0 ? 0 : free
    }
}
