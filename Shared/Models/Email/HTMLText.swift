/// Makes a plain text of HTML, for mail programs and people that read no HTML.
///
/// Paragraphs, lists and tables keep their lines, links their addresses; styles, scripts and what is hidden go.
package struct HTMLText {
    /// Empty when the HTML has no words.
    package static func text(of html: String) -> String {
        var writer = HTMLText()
        for token in HTMLTokens(html) { writer.take(token) }
        return writer.lines.text
    }

    private struct List {
        let isOrdered: Bool
        var number = 0
    }

    private struct Link {
        let address: String?
        let start: Int
    }

    /// Elements of which nothing is shown.
    private static let silent: Set = [
        "head", "script", "style", "title", "template", "noscript", "svg", "object", "iframe", "textarea", "xmp",
        "noframes", "select",
    ]
    /// Elements without an end.
    private static let void: Set = [
        "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
    ]
    /// Elements with an empty line before and behind them.
    private static let paragraphs: Set = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "dl", "figure",
    ]
    /// Elements that begin and end a line.
    private static let blocks: Set = [
        "div", "section", "article", "header", "footer", "main", "nav", "aside", "address", "center", "form",
        "fieldset",
        "tr", "caption", "dt", "dd", "figcaption", "body", "html", "li", "details", "summary",
    ]
    /// Lists deeper than this are indented no further.
    private static let deepest = 8

    private var lines = TextLines()
    private var lists: [List] = []
    private var link: Link?
    private var preformatted = 0
    /// The element of which nothing is shown, and how many of its name are open.
    private var hidden: (name: String, depth: Int)?

    private mutating func take(_ token: HTMLTokens.Token) {
        if self.skips(token) { return }
        switch token {
        case .text(let text): self.lines.add(text, isPreformatted: self.preformatted > 0)
        case .start(let tag): self.start(tag)
        case .end(let name): self.end(name)
        }
    }

    /// Whether the token lies in, opens, or closes an element of which nothing is shown.
    private mutating func skips(_ token: HTMLTokens.Token) -> Bool {
        if let (name, depth) = self.hidden {
            switch token {
            case .start(let tag) where tag.name == name: self.hidden = (name, depth + 1)
            case .end(name): self.hidden = depth == 1 ? nil : (name, depth - 1)
            // A head whose end was left out.
            case .start(let tag) where tag.name == "body" && name == "head": self.hidden = nil
            case .text, .start, .end: break
            }
            return true
        }
        guard case .start(let tag) = token, Self.silent.contains(tag.name) || tag.isHidden else { return false }
        if !Self.void.contains(tag.name) { self.hidden = (tag.name, 1) }
        return true
    }

    private mutating func start(_ tag: HTMLTokens.Tag) {
        switch tag.name {
        case "br": self.lines.breakLine()
        case "hr": self.lines.rule()
        case "img": self.lines.add(tag.attributes["alt"] ?? "", isPreformatted: false)
        case "td", "th": self.lines.gap()
        case "ul", "ol": self.startList(tag.name)
        case "li": self.startItem()
        case "a":
            // One within another ends it.
            self.endLink()
            self.link = Link(address: tag.attributes["href"], start: self.lines.count)
        case "pre":
            self.lines.end(paragraph: true)
            self.preformatted += 1
        default: self.breakLines(at: tag.name)
        }
    }

    private mutating func end(_ name: String) {
        switch name {
        case "ul", "ol":
            _ = self.lists.popLast()
            self.lines.end(paragraph: self.lists.isEmpty)
            self.lines.indent = Swift.min(self.lists.count, Self.deepest)
        case "a": self.endLink()
        case "pre":
            self.preformatted = Swift.max(0, self.preformatted - 1)
            self.lines.end(paragraph: true)
        default: self.breakLines(at: name)
        }
    }

    private mutating func breakLines(at name: String) {
        if Self.paragraphs.contains(name) {
            // Within an item of a list the lines stay together.
            self.lines.end(paragraph: self.lists.isEmpty)
        } else if Self.blocks.contains(name) {
            self.lines.end(paragraph: false)
        }
    }

    private mutating func startList(_ name: String) {
        self.lines.end(paragraph: self.lists.isEmpty)
        self.lists.append(List(isOrdered: name == "ol"))
        self.lines.indent = Swift.min(self.lists.count, Self.deepest)
    }

    private mutating func startItem() {
        self.lines.end(paragraph: false)
        self.lines.marker = "- "
        guard let last = self.lists.indices.last, self.lists[last].isOrdered else { return }
        self.lists[last].number += 1
        self.lines.marker = "\(self.lists[last].number). "
    }

    /// Adds the address, unless the words are the address.
    private mutating func endLink() {
        guard let link = self.link.take(), let address = link.address?.linkText else { return }
        let words = self.lines.text(from: link.start)
        if words.isEmpty { return self.lines.add(address, isPreformatted: false) }
        let isSame = address == words || address.hasSuffix("//\(words)") || address.hasSuffix("//\(words)/")
        if !isSame { self.lines.add(" (\(address))", isPreformatted: false) }
    }
}

extension HTMLTokens.Tag {
    fileprivate var isHidden: Bool {
        if self.attributes["hidden"] != nil { return true }
        guard let style = self.attributes["style"] else { return false }
        let compact = String(style.unicodeScalars.filter { !$0.properties.isWhitespace }).lowercased()
        return compact.contains("display:none") || compact.contains("mso-hide:all")
    }
}

extension String {
    /// What a reader can do something with: the address of a page, or whom to write or call; nil for all others.
    fileprivate var linkText: String? {
        let address = String(self.unicodeScalars.filter { !$0.properties.isWhitespace && $0.value >= 0x20 })
        let lowercased = address.lowercased()
        if lowercased.hasPrefix("https://") || lowercased.hasPrefix("http://") { return address }
        for scheme in ["mailto:", "tel:"] where lowercased.hasPrefix(scheme) {
            let rest = address.dropFirst(scheme.count).prefix { $0 != "?" }
            return rest.isEmpty ? nil : String(rest)
        }
        return nil
    }
}
