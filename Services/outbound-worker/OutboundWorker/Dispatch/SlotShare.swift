/// How many messages a worker asks for, and which: its last slots are for one-time codes alone.
///
/// So a campaign that fills every other slot with slow requests does not hold up a code.
struct SlotShare: Equatable {
    /// Messages of any kind; 0 when only codes may come.
    let any: Int
    /// One-time codes, when `any` is 0.
    let urgent: Int

    /// A sixteenth of a worker's slots are kept; a worker of fewer than 32 is too small for that.
    static func reserve(of count: Int) -> Int { count >= 32 ? count / 16 : 0 }
}
