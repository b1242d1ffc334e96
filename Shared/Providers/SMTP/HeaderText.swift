import Foundation

/// Text in a mail header.
enum HeaderText {
    /// A header's value of free text: as it is when it is short ASCII, otherwise in encoded words, one to a line.
    static func unstructured(_ text: String) -> String {
        self.isPlain(text) ? text : self.encodedWords(text)
    }

    /// A name before an address: a quoted string, or encoded words.
    static func phrase(_ text: String) -> String {
        self.isPlain(text) ? self.quoted(text) : self.encodedWords(text)
    }

    /// The disposition of an attachment with its name: quoted, or percent-encoded in pieces of one line (RFC 2231).
    static func attachment(named name: String) -> String {
        if self.isPlain(name) { return "attachment; filename=\(self.quoted(name))" }
        var pieces: [String] = [""]
        for byte in name.utf8 {
            let isPlain = byte.isASCIILetter || byte.isASCIIDigit || "-._~".utf8.contains(byte)
            let digits = String(byte, radix: 16, uppercase: true)
            let piece = isPlain ? String(UnicodeScalar(byte)) : (byte < 16 ? "%0" : "%") + digits
            if pieces[pieces.count - 1].utf8.count + piece.utf8.count > 54 { pieces.append("") }
            pieces[pieces.count - 1] += piece
        }
        let parameters = pieces.enumerated().map { number, piece in
            ";\r\n filename*\(number)*=\(number == 0 ? "UTF-8''" : "")\(piece)"
        }
        return "attachment" + parameters.joined()
    }

    private static func quoted(_ text: String) -> String {
        "\"\(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\""
    }

    /// 60 characters leave room for the header's name in a line of 78 (RFC 5322); `=?` would be read as an encoded word.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= 60 && text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
    }

    /// RFC 2047: words of at most 75 characters, none ending inside a character.
    private static func encodedWords(_ text: String) -> String {
        // 36 bytes are 48 in base64, 60 with `=?UTF-8?B?` and `?=`, and 69 after `Subject: `; a line may have 76.
        let maximumBytes = 36
        var words: [[UInt8]] = [[]]
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if words[words.count - 1].count + bytes.count > maximumBytes { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?UTF-8?B?\(Data($0).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
