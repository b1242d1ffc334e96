import Shared

extension JSONFields {
    /// Refuses what ends a line or turns what is shown: names and references stand in lists, logs and mails.
    mutating func refuseLineBreaks(in text: String?, at name: String) {
        guard let text, !HeaderLine.isSafe(text) else { return }
        self.violation(at: name, HeaderLine.rule)
    }
}
