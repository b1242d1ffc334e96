import Shared

/// A template for a person.
enum TemplateText {
    /// The members, one to a line, and after them the texts as they stand.
    static func of(_ template: JSONValue) -> String {
        KeyValueList.text(template, hiding: ["subject", "body", "html"]) + self.texts(of: template)
    }

    /// Subject, text and HTML, each under its name.
    static func texts(of content: JSONValue) -> String {
        ["subject", "body", "html"].compactMap { name in
            content[name]?.string.map { "\n\(name):\n\(self.lines($0))\n" }
        }.joined()
    }

    private static func lines(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { PlainText.of(String($0)) }
            .joined(separator: "\n")
    }
}
