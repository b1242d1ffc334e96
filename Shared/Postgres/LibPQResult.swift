import CLibPQ

/// One `PGresult`, freed when it goes out of scope.
@safe struct LibPQResult: ~Copyable {
    private let pointer: OpaquePointer?

    init(_ pointer: OpaquePointer?) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe PQclear(self.pointer)
    }

    var succeeded: Bool {
        switch unsafe PQresultStatus(self.pointer) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: true
        default: false
        }
    }

    /// What was done, for example `COMMIT` or `INSERT 0 1`.
    var commandTag: String { unsafe String(cString: PQcmdStatus(self.pointer)) }

    /// What the server said; nil when it said nothing.
    var error: PostgresError? {
        guard let sqlState = self.field("C") else { return nil }
        return PostgresError(
            sqlState: sqlState,
            message: self.field("M") ?? "",
            constraint: self.field("n") ?? "",
            column: self.field("c") ?? ""
        )
    }

    /// Whether this is the server's last word: it shuts down, crashed, or ended this session (57P01 to 57P05, 25P03).
    var endsSession: Bool {
        guard let sqlState = self.field("C") else { return false }
        return sqlState.hasPrefix("57P") || sqlState == "25P03"
    }

    /// "cached plan must not change result type": its SQLSTATE, 0A000, says too little.
    var isStalePlan: Bool { self.field("C") == "0A000" && self.field("R") == "RevalidateCachedQuery" }

    var columns: [String: Int] {
        var columns: [String: Int] = [:]
        for column in unsafe 0..<PQnfields(self.pointer) {
            unsafe columns[String(cString: PQfname(self.pointer, column))] = Int(column)
        }
        return columns
    }

    var rowCount: Int { unsafe Int(PQntuples(self.pointer)) }

    /// All cells, row by row, in memory of our own.
    func cells(columns: [String: Int]) -> Cells {
        let (rowCount, columnCount) = unsafe (PQntuples(self.pointer), PQnfields(self.pointer))
        var bytes: [UInt8] = []
        var ends: [Int] = []
        ends.reserveCapacity(Int(rowCount) * Int(columnCount))
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                guard unsafe PQgetisnull(self.pointer, row, column) == 0,
                    let value = unsafe PQgetvalue(self.pointer, row, column)
                else {
                    ends.append(~bytes.count)
                    continue
                }
                let length = unsafe Int(PQgetlength(self.pointer, row, column))
                unsafe bytes.append(contentsOf: UnsafeRawBufferPointer(start: value, count: length))
                ends.append(bytes.count)
            }
        }
        return Cells(columns: columns, columnCount: Int(columnCount), bytes: bytes, ends: ends)
    }

    /// Takes one of libpq's `PG_DIAG_…` letters, which are macros that Swift does not see.
    private func field(_ code: UnicodeScalar) -> String? {
        unsafe PQresultErrorField(self.pointer, Int32(code.value)).map { unsafe String(cString: $0) }
    }
}

/// A statement that the server has parsed, and the names of its columns once they are known.
final class PreparedStatement {
    let name: String
    private var columns: [String: Int]?

    init(name: String) {
        self.name = name
    }

    func rows(of result: borrowing LibPQResult) -> [Row] {
        let count = result.rowCount
        guard count > 0 else { return [] }
        let columns = self.columns ?? result.columns
        self.columns = columns
        let cells = result.cells(columns: columns)
        return (0..<count).map { Row(cells: cells, index: $0) }
    }
}
