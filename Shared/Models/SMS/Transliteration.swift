import Foundation

/// Another spelling of a text in the characters of GSM-7, so that it takes half the segments or less.
enum Transliteration {
    /// The text with typographic signs as plain ones, and letters without the accents that GSM-7 does not have.
    ///
    /// It is all or nothing: where one character has no such spelling, an emoji for example, the text goes out in UCS-2 whatever
    /// becomes of the others, and so it stays as it was written.
    static func gsm7(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { GSM7.septets(of: $0) == nil }) else { return text }
        var spelling = String.UnicodeScalarView()
        // Composed, so that an accent that GSM-7 has is one with its letter.
        for scalar in text.precomposedStringWithCanonicalMapping.unicodeScalars {
            guard let plain = self.spelling(of: scalar) else { return text }
            spelling.append(contentsOf: plain)
        }
        return String(spelling)
    }

    private static func spelling(of scalar: Unicode.Scalar) -> String.UnicodeScalarView? {
        if GSM7.septets(of: scalar) != nil { return String(scalar).unicodeScalars }
        if let sign = self.sign(scalar) { return sign.unicodeScalars }
        return self.letter(scalar).map { String($0).unicodeScalars }
    }

    /// A letter without its accents: what its canonical decomposition begins with.
    private static func letter(_ scalar: Unicode.Scalar) -> Unicode.Scalar? {
        let parts = String(scalar).decomposedStringWithCanonicalMapping.unicodeScalars
        guard parts.count > 1, let base = parts.first, GSM7.septets(of: base) != nil,
            parts.dropFirst().allSatisfy({ $0.properties.generalCategory == .nonspacingMark })
        else { return nil }
        return base
    }

    /// Signs, and letters that no accent makes; nil for all others.
    private static func sign(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "‘", "’", "‚", "‛", "′", "‵", "´", "`", "ʹ", "ʻ", "ʼ": "'"
        case "“", "”", "„", "‟", "″", "«", "»": "\""
        case "‹": "<"
        case "›": ">"
        case "‐", "\u{2011}", "‒", "–", "—", "―", "−": "-"
        case "…": "..."
        case "•", "·", "‣", "∙": "*"
        case "⁄", "∕": "/"
        // Spaces of all widths; a tab is one here, and a line may be separated in more than one way.
        case "\t", "\u{A0}", "\u{1680}", "\u{2000}"..."\u{200A}", "\u{202F}", "\u{205F}", "\u{3000}": " "
        case "\u{85}", "\u{2028}", "\u{2029}": "\n"
        // They have no width, and nothing to say in GSM-7.
        case "\u{AD}", "\u{200B}", "\u{2060}", "\u{FEFF}": ""
        case "ç": "c"
        case "ı": "i"
        case "ł": "l"
        case "Ł": "L"
        case "đ", "ð": "d"
        case "Đ", "Ð": "D"
        case "ħ": "h"
        case "Ħ": "H"
        case "ŧ": "t"
        case "Ŧ": "T"
        case "œ": "oe"
        case "Œ": "OE"
        case "ĳ": "ij"
        case "Ĳ": "IJ"
        case "þ": "th"
        case "Þ": "TH"
        case "ẞ": "SS"
        case "™": "TM"
        case "©": "(c)"
        case "®": "(R)"
        case "№": "No."
        case "×": "x"
        default: nil
        }
    }
}
