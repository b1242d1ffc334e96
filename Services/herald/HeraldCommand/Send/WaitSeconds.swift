import ArgumentParser

/// A time of `--wait`: 1 to 86,400 seconds; who wants to wait longer than a day should ask again.
struct WaitSeconds: ExpressibleByArgument, CustomStringConvertible, Equatable {
    let seconds: Int

    init(seconds: Int) {
        self.seconds = seconds
    }

    init?(argument: String) {
        guard let seconds = Int(argument), (1...86_400).contains(seconds) else { return nil }
        self.seconds = seconds
    }

    var duration: Duration { .seconds(self.seconds) }
    var description: String { String(self.seconds) }
}
