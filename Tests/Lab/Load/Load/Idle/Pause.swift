import ArgumentParser

/// `50ms` or `2s`, up to a minute.
struct Pause: ExpressibleByArgument, CustomStringConvertible {
    let duration: Duration

    init(duration: Duration) {
        self.duration = duration
    }

    init?(argument: String) {
        let digits = argument.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        switch argument.dropFirst(digits.count) {
        case "ms" where number <= 60_000: self.duration = .milliseconds(number)
        case "s" where number <= 60: self.duration = .seconds(number)
        default: return nil
        }
    }

    var description: String { "\(Int(self.duration / .milliseconds(1)))ms" }
}
