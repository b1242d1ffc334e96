/// Reads HTML piece by piece, as leniently as mail programs do; nothing is an error.
///
/// Each byte is looked at a few times at most, whatever the nesting.
struct HTMLTokens: Sequence, IteratorProtocol {
    enum Token: Equatable {
        /// With its entities replaced.
        case text(String)
        case start(Tag)
        case end(String)
    }

    struct Tag: Equatable {
        /// In lower case.
        let name: String
        /// By lower-case name; of two with one name the first counts.
        var attributes: [String: String] = [:]
    }

    /// Elements whose content is no HTML.
    private static let rawElements: Set = ["script", "style", "title", "textarea", "xmp", "iframe", "noframes"]
    private static let space: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0C, 0x0D]

    private let bytes: [UInt8]
    private var index = 0
    /// The raw element that is open.
    private var raw: String?

    init(_ html: String) {
        self.bytes = Array(html.utf8)
    }

    mutating func next() -> Token? {
        while self.index < self.bytes.count {
            if let name = self.raw {
                self.skipRaw(name)
                self.raw = nil
            } else if self.bytes[self.index] != UInt8(ascii: "<") || !self.startsMarkup {
                return .text(self.text())
            } else if let token = self.markup() {
                return token
            }
        }
        return nil
    }

    /// Whether a letter, `/`, `!` or `?` follows; `1 < 2` is text.
    private var startsMarkup: Bool {
        guard self.index + 1 < self.bytes.count else { return false }
        let byte = self.bytes[self.index + 1]
        return byte.isLetter || [UInt8(ascii: "/"), UInt8(ascii: "!"), UInt8(ascii: "?")].contains(byte)
    }

    private mutating func text() -> String {
        let start = self.index
        self.index += 1
        self.skip { $0 != UInt8(ascii: "<") }
        return HTMLEntities.replaced(in: String(decoding: self.bytes[start..<self.index], as: UTF8.self))
    }

    /// Nil for what says nothing: a comment, a declaration.
    private mutating func markup() -> Token? {
        if self.bytes[self.index...].starts(with: "<!--".utf8) {
            self.index += 4
            self.skip(behind: "-->")
            return nil
        }
        let isEnd = self.bytes[self.index + 1] == UInt8(ascii: "/")
        let nameStart = self.index + (isEnd ? 2 : 1)
        guard nameStart < self.bytes.count, self.bytes[nameStart].isLetter else {
            self.skip(behind: ">")
            return nil
        }
        self.index = nameStart
        self.skip { !Self.space.contains($0) && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ">") }
        var tag = Tag(name: self.lowercased(from: nameStart))
        self.readAttributes(of: &tag)
        if isEnd { return .end(tag.name) }
        if Self.rawElements.contains(tag.name) { self.raw = tag.name }
        return .start(tag)
    }

    private mutating func readAttributes(of tag: inout Tag) {
        while true {
            self.skip { Self.space.contains($0) || $0 == UInt8(ascii: "/") }
            guard self.index < self.bytes.count else { return }
            if self.bytes[self.index] == UInt8(ascii: ">") {
                self.index += 1
                return
            }
            let start = self.index
            self.index += 1
            self.skip { !Self.space.contains($0) && !"=/>".utf8.contains($0) }
            let name = self.lowercased(from: start)
            self.skip { Self.space.contains($0) }
            guard self.index < self.bytes.count, self.bytes[self.index] == UInt8(ascii: "=") else {
                tag.attributes[name] = tag.attributes[name] ?? ""
                continue
            }
            self.index += 1
            let value = self.attributeValue()
            tag.attributes[name] = tag.attributes[name] ?? value
        }
    }

    private mutating func attributeValue() -> String {
        self.skip { Self.space.contains($0) }
        guard self.index < self.bytes.count else { return "" }
        let quote = self.bytes[self.index]
        let isQuoted = quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'")
        if isQuoted { self.index += 1 }
        let start = self.index
        self.skip { isQuoted ? $0 != quote : !Self.space.contains($0) && $0 != UInt8(ascii: ">") }
        let value = String(decoding: self.bytes[start..<self.index], as: UTF8.self)
        if isQuoted, self.index < self.bytes.count { self.index += 1 }
        return HTMLEntities.replaced(in: value)
    }

    /// To the end tag of a raw element, which is read as any other; to the end when there is none.
    private mutating func skipRaw(_ name: String) {
        while self.index < self.bytes.count {
            self.skip { $0 != UInt8(ascii: "<") }
            let rest = self.bytes[self.index...]
            let head = rest.prefix(2 + name.utf8.count)
            if head.count > 2, head.starts(with: "</".utf8),
                String(decoding: head.dropFirst(2), as: UTF8.self).lowercased() == name
            {
                return
            }
            self.index = Swift.min(self.index + 1, self.bytes.count)
        }
    }

    private mutating func skip(while isSkipped: (UInt8) -> Bool) {
        while self.index < self.bytes.count, isSkipped(self.bytes[self.index]) { self.index += 1 }
    }

    private mutating func skip(behind mark: String) {
        let mark = Array(mark.utf8)
        while self.index < self.bytes.count {
            if self.bytes[self.index] == mark[0], self.bytes[self.index...].starts(with: mark) {
                self.index += mark.count
                return
            }
            self.index += 1
        }
    }

    private func lowercased(from start: Int) -> String {
        String(decoding: self.bytes[start..<self.index], as: UTF8.self).lowercased()
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
