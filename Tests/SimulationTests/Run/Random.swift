/// Numbers that look random, and are the same whenever the seed is: SplitMix64.
struct Random {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ limit: Int) -> Int { Int(self.next() >> 33) % limit }

    mutating func int(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + self.below(range.upperBound - range.lowerBound + 1)
    }

    /// In 0..<1.
    mutating func fraction() -> Double { Double(self.next() >> 11) * 0x1p-53 }

    mutating func chance(_ probability: Double) -> Bool { probability > 0 && self.fraction() < probability }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[self.below(elements.count)] }

    mutating func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(self.int(range)) }
}
