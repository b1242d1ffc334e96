/// How a time rises with a number, by the straight line that fits best.
struct Trend: Sendable, Encodable {
    /// Of all medians, in nanoseconds.
    let median: Double
    /// For each step of the number.
    let slopeNanoseconds: Double
    /// From the first number to the last, of the median.
    let risePercent: Double

    /// - Parameter medians: in nanoseconds, of the numbers 0, 1, 2, …; two or more.
    init(_ medians: [Double]) {
        let count = Double(medians.count)
        let (middle, mean) = ((count - 1) / 2, medians.reduce(0, +) / count)
        var (together, square) = (0.0, 0.0)
        for (number, time) in medians.enumerated() {
            together += (Double(number) - middle) * (time - mean)
            square += (Double(number) - middle) * (Double(number) - middle)
        }
        self.median = medians.sorted()[medians.count / 2]
        self.slopeNanoseconds = together / square
        self.risePercent = self.slopeNanoseconds * (count - 1) / self.median * 100
    }

    var text: String {
        "p50 \(Decimals.text(self.median)) ns, \(Decimals.text(self.slopeNanoseconds)) ns more for each right byte, "
            + "\(Decimals.text(self.risePercent)) % in all"
    }
}
