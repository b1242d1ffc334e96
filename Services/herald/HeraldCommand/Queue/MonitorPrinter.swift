import Shared

/// Prints one look at the queue after another.
struct MonitorPrinter {
    private enum State {
        case first, further
    }

    let format: OutputOptions.Format
    let device: CommandContext.Device
    let heading: String
    private var state = State.first

    init(format: OutputOptions.Format, device: CommandContext.Device, heading: String) {
        self.format = format
        self.device = device
        self.heading = heading
    }

    mutating func text(of round: QueueRound) -> String {
        defer { self.state = .further }
        switch (self.format, self.device, self.state) {
        case (.json, .terminal, _), (.json, .other, _): return round.json.text + "\n"
        case (.table, .other, .first): return self.page(round)
        case (.table, .other, .further): return "\n" + self.page(round)
        case (.table, .terminal, .first): return Screen.clear + Screen.drawOver(self.page(round))
        case (.table, .terminal, .further): return Screen.drawOver(self.page(round))
        }
    }

    private func page(_ round: QueueRound) -> String {
        "\(ShortTime.of(round.at.description)) UTC  \(self.heading)\n\n" + round.text
    }
}

/// What moves a terminal's cursor: the sequences of ECMA-48 that every terminal knows.
private enum Screen {
    static let clear = "\u{1B}[2J"

    /// Draws from the top left corner, and wipes what stood there: line by line, so that it does not flicker.
    static func drawOver(_ text: String) -> String {
        "\u{1B}[H" + text.replacing("\n", with: "\u{1B}[K\n") + "\u{1B}[J"
    }
}
