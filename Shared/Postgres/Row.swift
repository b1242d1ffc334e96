/// One result row.
///
/// Columns are read by name, so that a reordered `SELECT` list can not shift values.
package struct Row: Sendable {
    let cells: Cells
    let index: Int

    /// Reads a column that must not be NULL.
    package func get<Value: PostgresValue>(
        _ column: String,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard let index = self.cells.columns[column], let text = self.cells.text(row: self.index, column: index),
            let value = Value(postgresText: text)
        else {
            throw .decoding(column: column, type: "\(type)")
        }
        return value
    }

    /// Reads a column that may be NULL.
    package func getIfPresent<Value: PostgresValue>(
        _ column: String,
        as type: Value.Type = Value.self
    ) throws(PostgresError) -> Value? {
        guard let index = self.cells.columns[column] else { throw .decoding(column: column, type: "\(type)") }
        guard let text = self.cells.text(row: self.index, column: index) else { return nil }
        guard let value = Value(postgresText: text) else { throw .decoding(column: column, type: "\(type)") }
        return value
    }
}

/// The cells of all rows of a result, which its rows share: three allocations, however many cells there are.
final class Cells: Sendable {
    let columns: [String: Int]
    private let columnCount: Int
    private let bytes: [UInt8]
    /// Where each cell ends in `bytes`, row by row, and so where the next begins; of NULL the complement, which is negative.
    private let ends: [Int]

    init(columns: [String: Int], columnCount: Int, bytes: [UInt8], ends: [Int]) {
        self.columns = columns
        self.columnCount = columnCount
        self.bytes = bytes
        self.ends = ends
    }

    func text(row: Int, column: Int) -> String? {
        let cell = row * self.columnCount + column
        let end = self.ends[cell]
        guard end >= 0 else { return nil }
        let previous = cell == 0 ? 0 : self.ends[cell - 1]
        let start = previous >= 0 ? previous : ~previous
        return String(decoding: self.bytes[start..<end], as: UTF8.self)
    }
}
