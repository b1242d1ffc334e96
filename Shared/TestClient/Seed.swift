import Foundation

/// What the random choices of a test follow from: `HERALD_SEED`, or a new one that the test prints.
package enum Seed {
    package static let current =
        ProcessInfo.processInfo.environment["HERALD_SEED"].flatMap { UInt64($0) } ?? UInt64.random(in: 1...999_999)
}

/// SplitMix64: every start gives its own sequence, and the same one each time.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter purpose: tells apart the sequences that one test uses at the same time.
    package init(purpose: UInt64 = 0) {
        self.init(seed: Seed.current, purpose: purpose)
    }

    package init(seed: UInt64, purpose: UInt64) {
        self.state = seed &+ purpose &* 0xD1B5_4A32_D192_ED03
    }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var word = self.state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
