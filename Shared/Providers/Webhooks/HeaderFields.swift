/// The fields of a block of headers (RFC 5322, 2.2), by name in either case; of a repeated one the first counts.
struct HeaderFields {
    private var values: [String: String] = [:]

    /// Reads lines that end with LF or CRLF; what starts with a space goes on with the line before it.
    ///
    /// Bytes that are not UTF-8 are replaced; a line that is no field is left out.
    init(_ bytes: ArraySlice<UInt8>) {
        var field: [UInt8] = []
        for line in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
            if line.first.map(Self.isSpace) == true {
                field += line
            } else {
                self.add(field)
                field = Array(line)
            }
        }
        self.add(field)
    }

    subscript(name: String) -> String? { self.values[name.lowercased()] }

    private mutating func add(_ field: [UInt8]) {
        guard let colon = field.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = String(decoding: field[..<colon], as: UTF8.self).lowercased()
        guard self.values[name] == nil else { return }
        let value = field[(colon + 1)...].drop(while: Self.isSpace)
        let end = value.lastIndex { !Self.isSpace($0) }
        self.values[name] = end.map { String(decoding: value[...$0], as: UTF8.self) } ?? ""
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
