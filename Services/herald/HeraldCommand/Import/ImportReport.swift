import Foundation

/// The lines that were refused: in a file, or the first of them on standard error.
struct ImportReport: ~Copyable {
    /// Lines that are shown where there is no file.
    static let mostShown = 20

    private(set) var refused = 0
    private let file: FileHandle?
    private let warn: @Sendable (String) -> Void
    private var lastLine = 0

    /// - Throws: `CommandFailure` when the file can not be written.
    init(to path: String?, warn: @escaping @Sendable (String) -> Void) throws(CommandFailure) {
        let file = try path.map { path throws(CommandFailure) in try Self.newFile(path) }
        self.warn = warn
        self.file = file
    }

    private static func newFile(_ path: String) throws(CommandFailure) -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: Data("line,column,reason\r\n".utf8)),
            let file = FileHandle(forWritingAtPath: path), (try? file.seekToEnd()) != nil
        else { throw .usage("The report \(PlainText.of(path)) can not be written.") }
        return file
    }

    /// - Throws: `CommandFailure` when the file can not be written on.
    mutating func add(_ faults: [ImportFault]) throws(CommandFailure) {
        guard !faults.isEmpty else { return }
        for fault in faults {
            // Of one line several columns may be wrong.
            if fault.line != self.lastLine { self.refused += 1 }
            self.lastLine = fault.line
            if self.file == nil, self.refused <= Self.mostShown { self.show(fault) }
        }
        guard let file else { return }
        let lines = faults.map { "\($0.line),\(Self.quoted($0.column)),\(Self.quoted($0.reason))\r\n" }.joined()
        do {
            try file.write(contentsOf: Data(lines.utf8))
        } catch {
            throw .usage("The report can not be written on: \(error.localizedDescription)")
        }
    }

    private func show(_ fault: ImportFault) {
        let column = fault.column.isEmpty ? "" : ", \(fault.column)"
        self.warn("herald: line \(fault.line)\(PlainText.of(column)): \(PlainText.of(fault.reason))\n")
    }

    /// One cell; a spreadsheet would take what begins like a formula for one, so an apostrophe stands before it.
    private static func quoted(_ cell: String) -> String {
        let text = cell.first.map("=+-@\t\r".contains) == true ? "'\(cell)" : cell
        guard text.contains(where: { "\",\r\n".contains($0) }) else { return text }
        return "\"\(text.replacing("\"", with: "\"\""))\""
    }
}
