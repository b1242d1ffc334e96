/// A word that means an order when it is a whole message.
///
/// - Source: the families that carriers and Twilio agree on, in capitals.
package enum Keyword: String, Sendable, CaseIterable, Codable, Hashable {
    case stop, start, help

    package var words: [String] {
        switch self {
        case .stop: ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"]
        case .start: ["START", "YES", "UNSTOP"]
        case .help: ["HELP", "INFO"]
        }
    }

    /// Reads a whole message, in either case, with spaces around it; "stop texting me" is no keyword.
    package init?(wholeMessage text: String) {
        let spaces = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
        var scalars = text.unicodeScalars[...]
        while let first = scalars.first, spaces(first) { scalars.removeFirst() }
        while let last = scalars.last, spaces(last) { scalars.removeLast() }
        // The longest has 11 letters: a book is not turned into capitals.
        guard (1...11).contains(scalars.count) else { return nil }
        // In ASCII alone: `ſ`, `ı` and `ﬆ` have the capitals of another letter.
        let word = String(String.UnicodeScalarView(scalars.map(Self.capital)))
        guard let keyword = Self.allCases.first(where: { $0.words.contains(word) }) else { return nil }
        self = keyword
    }

    private static func capital(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("a"..."z").contains(scalar) ? Unicode.Scalar(UInt8(ascii: scalar) - 32) : scalar
    }
}

extension Keyword {
    /// What is answered where the organization has no words of its own.
    package var ordinaryReply: String {
        switch self {
        case .stop: "You have been unsubscribed and will receive no more messages. Reply START to resubscribe."
        case .start: "You have been resubscribed. Reply STOP to unsubscribe."
        case .help: "Reply STOP to unsubscribe."
        }
    }
}
