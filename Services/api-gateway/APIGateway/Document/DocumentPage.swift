/// The document as one page that needs neither script nor network.
struct DocumentPage {
    let outline: DocumentOutline

    /// Fills the marks `<!-- operations -->` and `<!-- schemas -->` of the template.
    func html(in template: String) -> String {
        template
            .replacing("<!-- operations -->", with: self.outline.operations.map(Self.operation).joined(separator: "\n"))
            .replacing("<!-- schemas -->", with: self.outline.schemas.map(Self.schema).joined(separator: "\n"))
    }

    private static func operation(_ part: DocumentOutline.Part) -> String {
        let words = part.name.split(separator: " ", maxSplits: 1).map(String.init)
        let method = words.first ?? ""
        return """
            <details><summary><b class="\(Self.escaped(method.lowercased()))">\(Self.escaped(method))</b> \
            <code>\(Self.escaped(words.last ?? ""))</code> <span>\(Self.escaped(part.summary))</span></summary>
            <pre>\(Self.escaped(part.yaml))</pre></details>
            """
    }

    private static func schema(_ part: DocumentOutline.Part) -> String {
        """
        <details><summary><code>\(Self.escaped(part.name))</code> <span>\(Self.escaped(part.summary))</span></summary>
        <pre>\(Self.escaped(part.yaml))</pre></details>
        """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
