import Shared

extension Timestamp {
    /// Reads what providers write, as a string or as a number: seconds since 1970.
    ///
    /// Milliseconds have been seen too, and no second has 12 digits before the year 5138.
    init?(sinceEpoch value: JSONValue?) {
        guard let text = value?.string ?? value?.int.map(String.init) else { return nil }
        self.init(sinceEpoch: text)
    }

    init?(sinceEpoch text: String) {
        guard let number = Int64(text), (0..<100_000_000_000_000).contains(number) else { return nil }
        self.init(microseconds: number * (number >= 100_000_000_000 ? 1000 : 1_000_000))
    }
}
