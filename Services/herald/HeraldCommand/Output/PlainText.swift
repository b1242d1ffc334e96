/// Text from elsewhere, made safe for a terminal.
enum PlainText {
    /// Replaces control characters: a message must not be able to move the cursor, or to send keys to the shell.
    static func of(_ text: String) -> String {
        var plain = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar == "\n" || scalar == "\t": plain.append(" ")
            // Format characters turn the direction of writing, or hide what follows.
            case .control, .format, .lineSeparator, .paragraphSeparator: plain.append("\u{FFFD}")
            default: plain.append(scalar)
            }
        }
        return String(plain)
    }
}
