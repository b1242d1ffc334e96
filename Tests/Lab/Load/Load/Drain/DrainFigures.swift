import Foundation

/// What `load drain` found.
struct DrainFigures: Encodable {
    let channel: LoadChannel
    let messages: Int
    let accepted: Int
    /// Different messages that arrived.
    let arrived: Int
    /// Arrivals beyond the first of a message.
    let doubled: Int
    /// From the first arrival to the last.
    let seconds: Double
    /// Arrivals after the first, by the time they took.
    let messagesPerSecond: Double
    /// Arrivals in each second after the first arrival.
    let bySecond: [Int]
    /// How long messages were still being created after they were due; above 0 the rate is not that of a full queue.
    let filledLateSeconds: Double
    let outcomes: Outcomes

    init(_ arrivals: [Arrival], filled: FillQueue.Tally, lateBy: Double, of command: DrainLoad) {
        let times = arrivals.map(\.at).sorted()
        self.channel = command.channel
        self.messages = command.messages
        self.accepted = filled.accepted
        self.arrived = Set(arrivals.map(\.number)).count
        self.doubled = arrivals.count - self.arrived
        let first = times.first ?? .distantPast
        self.seconds = (times.last ?? first).timeIntervalSince(first)
        self.messagesPerSecond = self.seconds > 0 ? Double(times.count - 1) / self.seconds : 0
        var bySecond = Array(repeating: 0, count: times.isEmpty ? 0 : Int(self.seconds) + 1)
        for time in times { bySecond[Int(time.timeIntervalSince(first))] += 1 }
        self.bySecond = bySecond
        self.filledLateSeconds = lateBy
        self.outcomes = filled.outcomes
    }

    var isAsExpected: Bool {
        self.arrived == self.messages && self.doubled == 0 && self.filledLateSeconds == 0 && self.outcomes.isAsExpected
    }

    var rows: [(String, String)] {
        var rows = [
            ("channel", self.channel.rawValue), ("created", "\(self.accepted) of \(self.messages)"),
            ("arrived", "\(self.arrived)"), ("missing", "\(self.accepted - self.arrived)"),
            ("doubled", "\(self.doubled)"), ("first to last", "\(Decimals.text(self.seconds)) s"),
            ("messages per second", Decimals.text(self.messagesPerSecond)),
            ("by second", self.bySecond.map(String.init).joined(separator: " ")),
        ]
        if self.filledLateSeconds > 0 {
            let late = Decimals.text(self.filledLateSeconds)
            rows.append(("filled late", "by \(late) s: creation ran beside it; repeat with a greater --lead"))
        }
        return rows + self.outcomes.rows
    }
}
