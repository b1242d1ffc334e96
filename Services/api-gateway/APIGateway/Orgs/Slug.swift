import Shared

/// An organization's short name, unique in the installation: 2 to 60 of `a-z`, `0-9` and hyphens, none at an end.
package struct Slug: Sendable, Equatable {
    static let length = 2...60
    static let rule = "must have 2 to 60 of a-z, 0-9 and hyphens, with a letter or digit at both ends"

    package let text: String

    package init?(_ text: String) {
        guard Self.length.contains(text.utf8.count), text.utf8.allSatisfy({ Self.isPlain($0) || $0 == 0x2D }),
            text.utf8.first != 0x2D, text.utf8.last != 0x2D
        else { return nil }
        self.text = text
    }

    /// The nearest to a name: `Ann's Café, Ltd.` becomes `ann-s-caf-ltd`, and what has no plain letter `org`.
    package init(from name: String) {
        let words = name.lowercased().utf8.split { !Self.isPlain($0) }.map { String(decoding: $0, as: UTF8.self) }
        let joined = String(words.joined(separator: "-").prefix(50))
        self = Slug(joined) ?? Slug(String(joined.dropLast())) ?? Slug("org-\(joined)") ?? Self.fallback
    }

    /// The same with four random characters, for a slug that is taken: a million organizations may have one name.
    package func varied() -> Slug {
        let characters = "abcdefghijklmnopqrstuvwxyz0123456789"
        let suffix = String((0..<4).compactMap { _ in characters.randomElement() })
        return Slug("\(self.text.prefix(55))-\(suffix)") ?? Self.fallback
    }

    private static let fallback = Slug(valid: "org")

    private init(valid text: String) {
        self.text = text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
