/// An address as mail headers write it, with the name before or after it: `"Ann Lee" <ann@example.com>`.
///
/// - Source: RFC 5322, 3.4, as far as senders use it.
struct Mailbox {
    let name: String?
    let address: String

    /// Reads the first of a list; nil when there is none.
    init?(firstIn text: String) {
        var scanner = MailboxScanner()
        for scalar in text.unicodeScalars where !scanner.isDone { scanner.take(scalar) }
        let words = Self.trimmed(scanner.words)
        if scanner.hasAngle {
            self.address = Self.trimmed(scanner.angle)
            self.name = words.nonEmpty
        } else {
            self.address = words
            self.name = Self.trimmed(scanner.comment).nonEmpty
        }
        guard !self.address.isEmpty else { return nil }
    }

    private static func trimmed(_ scalars: String.UnicodeScalarView) -> String {
        let isSpace = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        let rest = scalars.drop(while: isSpace)
        guard let last = rest.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(rest[...last])
    }
}

/// One pass over a list of mailboxes, up to the end of the first.
private struct MailboxScanner {
    private enum Place {
        case words, quotes, comment, angle
    }

    private(set) var words = String.UnicodeScalarView()
    private(set) var comment = String.UnicodeScalarView()
    private(set) var angle = String.UnicodeScalarView()
    private(set) var hasAngle = false
    private(set) var isDone = false
    private var place = Place.words
    private var isEscaped = false

    mutating func take(_ scalar: Unicode.Scalar) {
        if self.isEscaped {
            self.isEscaped = false
            return self.keep(scalar)
        }
        switch (self.place, scalar) {
        case (.quotes, "\\"), (.comment, "\\"): self.isEscaped = true
        case (.words, "\""): self.place = .quotes
        case (.quotes, "\""): self.place = .words
        case (.words, "("): self.place = .comment
        case (.comment, ")"): self.place = .words
        case (.words, "<"):
            self.place = .angle
            self.hasAngle = true
        case (.angle, ">"), (.words, ","), (.words, ";"): self.isDone = true
        default: self.keep(scalar)
        }
    }

    private mutating func keep(_ scalar: Unicode.Scalar) {
        switch self.place {
        case .words, .quotes: self.words.append(scalar)
        case .comment: self.comment.append(scalar)
        case .angle: self.angle.append(scalar)
        }
    }
}
