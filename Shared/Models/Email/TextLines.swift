/// Lines of text in the making: runs of spaces become one, and empty lines do not pile up.
struct TextLines {
    private var scalars: [Unicode.Scalar] = []
    /// Written before the next text, at the beginning of its line: `- `.
    var marker = ""
    /// How many lists the text is in.
    var indent = 0
    /// Line ends that are due before the next text.
    private var breaks = 0
    /// Spaces that are due before the next text.
    private var spaces = 0

    /// Scalars so far.
    var count: Int { self.scalars.count }
    var text: String { Self.string(self.scalars[...]) }

    /// Ends the line if there is one, and with `paragraph` leaves an empty one behind it.
    mutating func end(paragraph: Bool) {
        self.breaks = max(self.breaks, paragraph ? 2 : 1)
        self.spaces = 0
    }

    /// Ends the line, be it empty.
    mutating func breakLine() {
        self.breaks = min(self.breaks + 1, 2)
        self.spaces = 0
    }

    /// Sets the next cell of a table off from the one before it.
    mutating func gap() {
        if self.breaks == 0 { self.spaces = 2 }
    }

    mutating func rule() {
        self.end(paragraph: false)
        self.write("----------".unicodeScalars)
        self.end(paragraph: false)
    }

    mutating func add(_ words: String, isPreformatted: Bool) {
        guard !isPreformatted else { return self.addLines(words) }
        var rest = words.unicodeScalars.filter { !$0.isInvisible }[...]
        while let first = rest.first {
            if first.isSpace {
                self.spaces = max(self.spaces, 1)
                rest = rest.drop { $0.isSpace }
            } else {
                let word = rest.prefix { !$0.isSpace }
                self.write(word)
                rest = rest[word.endIndex...]
            }
        }
    }

    /// What was written since the text had `count` scalars, without the spaces before it.
    func text(from count: Int) -> String {
        Self.string(self.scalars[count...].drop { $0.properties.isWhitespace })
    }

    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    private mutating func addLines(_ words: String) {
        for (number, line) in words.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if number > 0 { self.breakLine() }
            let line = line.unicodeScalars.filter { $0 != "\r" && !$0.isInvisible }
            if !line.isEmpty { self.write(line[...]) }
        }
    }

    private mutating func write(_ words: some Collection<Unicode.Scalar>) {
        let isStart = self.scalars.isEmpty || self.breaks > 0
        if !self.scalars.isEmpty { self.scalars += repeatElement("\n", count: self.breaks) }
        if isStart {
            let depth = self.marker.isEmpty ? self.indent : max(self.indent, 1) - 1
            self.scalars += repeatElement(" ", count: 2 * depth)
            self.scalars += self.marker.unicodeScalars
            self.marker = ""
        } else {
            self.scalars += repeatElement(" ", count: self.spaces)
        }
        (self.breaks, self.spaces) = (0, 0)
        self.scalars += words
    }
}

extension Unicode.Scalar {
    fileprivate var isSpace: Bool { self.properties.isWhitespace }
    /// What only marks a place in a word, or fills the preview of a mailbox.
    fileprivate var isInvisible: Bool {
        self == "\u{AD}" || self == "\u{200B}" || self == "\u{FEFF}" || self == "\u{34F}"
    }
}
