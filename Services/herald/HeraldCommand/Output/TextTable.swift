/// Rows under headings, each column as wide as its widest cell.
struct TextTable {
    enum Alignment: Sendable {
        case left, right
    }

    struct Column: Sendable {
        let title: String
        var alignment: Alignment = .left
    }

    /// Between two columns, so that even a full one ends visibly.
    private static let gap = "  "

    let columns: [Column]
    /// Of the rows so far; later rows keep them, so that pages stand under each other.
    private var widths: [Int]

    init(_ columns: [Column]) {
        self.columns = columns
        self.widths = columns.map(\.title.count)
    }

    /// The line of headings, once `rows` have been taken into account.
    mutating func heading(over rows: [[String]]) -> String {
        self.widen(for: rows)
        return self.line(self.columns.map { $0.title.uppercased() })
    }

    mutating func lines(_ rows: [[String]]) -> String {
        self.widen(for: rows)
        return rows.map(self.line).joined()
    }

    /// Headings and rows.
    static func text(_ columns: [Column], _ rows: [[String]]) -> String {
        var table = TextTable(columns)
        return table.heading(over: rows) + table.lines(rows)
    }

    private mutating func widen(for rows: [[String]]) {
        for row in rows {
            for (index, cell) in row.enumerated() { self.widths[index] = max(self.widths[index], cell.count) }
        }
    }

    private func line(_ cells: [String]) -> String {
        let padded = zip(cells, zip(self.columns, self.widths)).map { cell, shape in
            let space = String(repeating: " ", count: max(shape.1 - cell.count, 0))
            return shape.0.alignment == .right ? space + cell : cell + space
        }
        var line = padded.joined(separator: Self.gap)[...]
        while line.last == " " { line = line.dropLast() }
        return line + "\n"
    }
}
