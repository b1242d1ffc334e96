import Shared

/// What a customer called themself in a message.
///
/// The first one counts, however the messages come: the earliest, of the same time that with the smallest event key.
struct ProfileName: Sendable {
    /// Code points that the table takes.
    static let mostCharacters = 200

    let text: String
    let seenAt: Timestamp
    let eventKey: String

    init(text: String, seenAt: Timestamp, eventKey: String) {
        self.text = text
        self.seenAt = seenAt
        self.eventKey = eventKey
    }

    /// Nil where nothing is left of `name` without control characters and the spaces around it.
    init?(_ name: String?, seenAt: Timestamp, eventKey: String) {
        guard let text = name.map(Self.clean), !text.isEmpty else { return nil }
        self.init(text: text, seenAt: seenAt, eventKey: eventKey)
    }

    /// Whether this one came before `other`; bytes are compared, as the table does.
    func precedes(_ other: Self) -> Bool {
        if self.seenAt != other.seenAt { return self.seenAt < other.seenAt }
        if !self.eventKey.utf8.elementsEqual(other.eventKey.utf8) {
            return self.eventKey.utf8.lexicographicallyPrecedes(other.eventKey.utf8)
        }
        return self.text.utf8.lexicographicallyPrecedes(other.text.utf8)
    }

    /// As many whole characters as fit; a character may have several code points.
    private static func clean(_ name: String) -> String {
        let visible = String(String.UnicodeScalarView(name.unicodeScalars.filter { !Self.isControl($0) }))
        var (text, length) = ("", 0)
        for character in visible.drop(while: \.isWhitespace) {
            length += character.unicodeScalars.count
            guard length <= Self.mostCharacters else { break }
            text.append(character)
        }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory == .control }
}
