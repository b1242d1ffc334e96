import Foundation

/// Text in a mail header.
enum HeaderText {
    /// Whether the text has nothing that ends a line or a string somewhere: no control character, no Unicode line break.
    static func isSafe(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x2028
                && scalar.value != 0x2029
        }
    }

    /// A header's value of free text: as it is when it is short ASCII, otherwise in encoded words, one to a line.
    static func unstructured(_ text: String) -> String {
        self.isPlain(text) ? text : self.encodedWords(text)
    }

    /// A name before an address: a quoted string, or encoded words.
    static func phrase(_ text: String) -> String {
        guard self.isPlain(text) else { return self.encodedWords(text) }
        let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        return "\"\(escaped)\""
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
