extension JSONParser {
    /// Reads a string from its opening quote on.
    ///
    /// Most strings have no escape and are validated and copied at once.
    mutating func string() throws(JSONSyntaxError) -> String {
        let opening = self.position
        let start = opening + 1
        self.position = start
        while true {
            let byte = try self.peek()
            if byte == UInt8(ascii: "\"") {
                let text = try self.validated(self.bytes[start..<self.position], at: opening)
                self.position += 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try self.escapedString(from: opening) }
            if byte < 0x20 { throw self.error(byte == 0 ? .nul : .controlCharacter) }
            self.position += 1
        }
    }

    private func validated(_ bytes: ArraySlice<UInt8>, at opening: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw self.error(.invalidUTF8, at: opening) }
        return text
    }

    /// Goes on at the first backslash of the string that began at `opening`.
    private mutating func escapedString(from opening: Int) throws(JSONSyntaxError) -> String {
        var text = Array(self.bytes[(opening + 1)..<self.position])
        while true {
            let byte = try self.peek()
            if byte == UInt8(ascii: "\"") {
                self.position += 1
                return try self.validated(text[...], at: opening)
            }
            if byte < 0x20 { throw self.error(byte == 0 ? .nul : .controlCharacter) }
            if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: UTF8.encode(try self.escape()) ?? .init())
            } else {
                text.append(byte)
                self.position += 1
            }
        }
    }

    /// Reads one escape, or two that make a surrogate pair.
    private mutating func escape() throws(JSONSyntaxError) -> Unicode.Scalar {
        let start = self.position
        self.position += 1
        let letter = try self.peek()
        self.position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try self.unicodeEscape(from: start)
        default: throw self.error(.invalidEscape, at: start)
        }
    }

    private mutating func unicodeEscape(from start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let unit = try self.hexUnit(from: start)
        guard unit != 0 else { return try self.replacement(for: .nul, at: start) }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        let end = self.position
        guard UTF16.isLeadSurrogate(unit), self.bytes[end...].starts(with: "\\u".utf8) else {
            return try self.replacement(for: .loneSurrogate, at: start)
        }
        self.position += 2
        let trail = try self.hexUnit(from: start)
        guard UTF16.isTrailSurrogate(trail) else {
            // What follows is an escape of its own.
            self.position = end
            return try self.replacement(for: .loneSurrogate, at: start)
        }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private func replacement(
        for kind: JSONSyntaxError.Kind,
        at start: Int
    ) throws(JSONSyntaxError) -> Unicode.Scalar {
        guard self.unstorable == .replaced else { throw self.error(kind, at: start) }
        return "\u{FFFD}"
    }

    private mutating func hexUnit(from start: Int) throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            let byte = try self.peek()
            guard byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw self.error(.invalidEscape, at: start)
            }
            unit = unit << 4 | UInt16(digit)
            self.position += 1
        }
        return unit
    }
}
