/// The alphabet of text messages (3GPP TS 23.038): 128 characters of 7 bits, and ten more behind an escape.
enum GSM7 {
    /// Septets that a character takes: 1, or 2 with its escape; nil for what the alphabet does not have.
    static func septets(of scalar: Unicode.Scalar) -> Int? {
        switch scalar {
        case "\n", "\r", " "..."Z", "_", "a"..."z": 1
        case "£", "¥", "è", "é", "ù", "ì", "ò", "Ç", "Ø", "ø", "Å", "å": 1
        case "Δ", "Φ", "Γ", "Λ", "Ω", "Π", "Ψ", "Σ", "Θ", "Ξ": 1
        case "Æ", "æ", "ß", "É", "¤", "¡", "Ä", "Ö", "Ñ", "Ü", "§", "¿", "ä", "ö", "ñ", "ü", "à": 1
        case "\u{0C}", "^", "{", "}", "\\", "[", "~", "]", "|", "€": 2
        default: nil
        }
    }
}
