/// The fields of an `application/x-www-form-urlencoded` body, in the order they were written; a name may repeat.
struct FormFields: Sendable {
    private(set) var fields: [(name: String, value: String)] = []

    init() {}

    /// Reads a body or a query; a `%` that starts no escape stands for itself, as browsers read it.
    init(decoding bytes: some Sequence<UInt8>) {
        for pair in Array(bytes).split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            self.append(Self.decoded(parts[0]), parts.count > 1 ? Self.decoded(parts[1]) : "")
        }
    }

    /// The first value of that name, unless it is empty.
    subscript(_ name: String) -> String? {
        self.fields.first { $0.name == name && !$0.value.isEmpty }?.value
    }

    mutating func append(_ name: String, _ value: String) {
        self.fields.append((name, value))
    }

    /// The body to post.
    var encoded: String {
        self.fields.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// A JSON object of the fields; a repeated name keeps its first value's place and becomes an array.
    var json: String {
        var text = "{"
        var written: Set<String> = []
        for (name, _) in self.fields where written.insert(name).inserted {
            let values = self.fields.filter { $0.name == name }.map(\.value)
            text += text.count > 1 ? "," : ""
            text.appendJSON(name)
            text += values.count > 1 ? ":[" : ":"
            for (index, value) in values.enumerated() {
                text += index > 0 ? "," : ""
                text.appendJSON(value)
            }
            text += values.count > 1 ? "]" : ""
        }
        return text + "}"
    }

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == UInt8(ascii: "%"), bytes.endIndex - index > 2,
                let high = Self.hexDigit(bytes[index + 1]), let low = Self.hexDigit(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                index += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func encoded(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                output.append(byte)
            case UInt8(ascii: " "):
                output.append(UInt8(ascii: "+"))
            default:
                output.append(contentsOf: [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]])
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
