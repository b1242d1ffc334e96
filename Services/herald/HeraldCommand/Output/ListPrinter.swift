import Shared

/// Prints the pages of a list as one.
struct ListPrinter {
    enum Position {
        case last, furtherFollow
    }

    private enum State {
        case first, further
    }

    let format: OutputOptions.Format
    let columns: [ResourceColumn]
    private var state = State.first
    private var table: TextTable
    /// Elements so far.
    private var printed = 0

    init(format: OutputOptions.Format, columns: [ResourceColumn]) {
        self.format = format
        self.columns = columns
        self.table = TextTable(columns.map(\.shape))
    }

    /// The text of one page.
    ///
    /// One page alone is printed as the API wrote it; several become one list of the same form.
    mutating func text(of answer: APIAnswer, _ resources: [JSONValue], next: String?, _ position: Position) -> String {
        defer { self.state = .further }
        switch self.format {
        case .json: return self.json(of: answer, resources, next: next, position)
        case .table: return self.rows(resources, next: next, position)
        }
    }

    private mutating func json(
        of answer: APIAnswer,
        _ resources: [JSONValue],
        next: String?,
        _ position: Position
    ) -> String {
        if case (.first, .last) = (self.state, position) { return answer.text + "\n" }
        var text = self.state == .first ? #"{"data":["# : ""
        if self.printed > 0, !resources.isEmpty { text += ",\n" }
        text += resources.map(\.text).joined(separator: ",\n")
        self.printed += resources.count
        switch position {
        case .furtherFollow: return text
        case .last:
            let cursor = next.map { JSONValue.string($0) } ?? .null
            return text + #"],"next_cursor":\#(cursor.text)}"# + "\n"
        }
    }

    private mutating func rows(_ resources: [JSONValue], next: String?, _ position: Position) -> String {
        let rows = resources.map { resource in self.columns.map { $0.cell(resource) } }
        var text = ""
        switch self.state {
        case .first where rows.isEmpty && position == .last: return "Nothing there.\n"
        case .first: text = self.table.heading(over: rows)
        case .further: break
        }
        text += self.table.lines(rows)
        if position == .last, let next {
            text += "More: --all, a greater --limit, or --cursor \(PlainText.of(next))\n"
        }
        return text
    }
}
