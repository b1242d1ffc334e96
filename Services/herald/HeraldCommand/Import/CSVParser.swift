/// Reads CSV (RFC 4180) part by part: what is fed, and not yet a whole record, is all that it keeps.
///
/// Lines end with LF, CRLF or CR. A byte order mark and empty lines are passed over. A record that is not CSV is told as broken,
/// and reading goes on at the next line.
struct CSVParser: Sendable {
    /// Bytes of one record: a quotation mark too many would otherwise swallow the rest of the file.
    static let longestRecord = 256 * 1024

    private enum State {
        case startOfField, plain, quoted
        /// A quotation mark within a quoted field: its end, or half of one that belongs to it.
        case quoteInQuoted
        /// The rest of a broken record's line.
        case skipping
    }

    private let delimiter: UInt8
    private var state = State.startOfField
    private var cells: [[UInt8]] = []
    private var cell: [UInt8] = []
    private var size = 0
    private var line = 1
    private var startLine = 1
    private var lastWasCR = false
    private var fault: String?

    init(delimiter: UInt8) {
        self.delimiter = delimiter
    }

    /// Reads on; `emit` gets every record that ends in `bytes`.
    mutating func feed(_ bytes: some Sequence<UInt8>, _ emit: (CSVRecord) -> Void) {
        for byte in bytes {
            if byte == UInt8(ascii: "\n"), self.lastWasCR {
                // The second half of a line end, within quotes too.
                self.lastWasCR = false
                if self.state == .quoted { self.cell.append(byte) }
                continue
            }
            self.lastWasCR = byte == UInt8(ascii: "\r")
            self.take(byte, emit)
        }
    }

    /// Ends the file: the last record needs no line end.
    mutating func finish(_ emit: (CSVRecord) -> Void) {
        if self.state == .quoted { self.fault = "has a quotation mark that is never closed" }
        self.endRecord(emit)
    }

    private mutating func take(_ byte: UInt8, _ emit: (CSVRecord) -> Void) {
        let isLineEnd = byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        self.size += 1
        if self.size > Self.longestRecord, self.state != .skipping {
            self.fail("has more than \(Self.longestRecord / 1024) KB: is there a quotation mark too many?")
        }
        switch self.state {
        case .quoted where byte == UInt8(ascii: "\""): self.state = .quoteInQuoted
        case .quoted:
            if isLineEnd { self.line += 1 }
            self.cell.append(byte)
        case .quoteInQuoted where byte == UInt8(ascii: "\""):
            self.cell.append(byte)
            self.state = .quoted
        case .startOfField where byte == UInt8(ascii: "\""): self.state = .quoted
        case .plain where byte == UInt8(ascii: "\""):
            self.fail("has a quotation mark within a cell that does not begin with one")
        case _ where isLineEnd:
            self.endRecord(emit)
            self.line += 1
            self.startLine = self.line
        case .skipping: break
        case _ where byte == self.delimiter: self.endCell()
        case .quoteInQuoted: self.fail("has text after a closing quotation mark")
        case .startOfField, .plain:
            self.cell.append(byte)
            self.state = .plain
        }
    }

    private mutating func fail(_ fault: String) {
        self.fault = fault
        self.state = .skipping
    }

    private mutating func endCell() {
        self.cells.append(self.cell)
        self.cell.removeAll(keepingCapacity: true)
        self.state = .startOfField
    }

    private mutating func endRecord(_ emit: (CSVRecord) -> Void) {
        // A line with nothing on it is no record; one with an empty cell in quotes is.
        let isEmpty = self.fault == nil && self.cells.isEmpty && self.state == .startOfField
        self.endCell()
        if !isEmpty { emit(CSVRecord(line: self.startLine, content: self.content)) }
        self.cells.removeAll(keepingCapacity: true)
        self.size = 0
        self.fault = nil
    }

    private var content: CSVRecord.Content {
        if let fault { return .broken(fault) }
        let texts = self.cells.compactMap { String(validating: $0, as: UTF8.self) }
        return texts.count == self.cells.count ? .cells(texts) : .broken("is not UTF-8")
    }
}
