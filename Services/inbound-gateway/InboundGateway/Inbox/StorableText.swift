/// Text without NUL characters, which Postgres stores neither in `text` nor in `jsonb`: U+FFFD stands for them.
enum StorableText {
    static func plain(_ text: String) -> String {
        guard text.utf8.contains(0) else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }

    /// Replaces the escape `\u0000` in JSON text; an escaped backslash before `u0000` is something else, and stays.
    static func json(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\") else {
                bytes.append(byte)
                continue
            }
            if rest.starts(with: "u0000".utf8) {
                rest.removeFirst(5)
                bytes += "\\ufffd".utf8
            } else {
                bytes.append(byte)
                if let escaped = rest.popFirst() { bytes.append(escaped) }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
