import Shared

/// The recipients of a CSV file: `to` or `customer_id`, and the words of the template in columns of their names.
struct RecipientFile: Sendable {
    private(set) var recipients: [JSONValue] = []
    /// Lines that are no recipients.
    private(set) var faults: [ImportFault] = []

    private static let whom = ["to", "customer_id"]

    /// Reads the whole file.
    ///
    /// - Throws: `CommandFailure` when it can not be read, or its first line names no recipients.
    init(_ path: String) throws(CommandFailure) {
        var file = try CSVFile(path)
        let columns: [String]
        switch try file.record()?.content {
        case .cells(let header)?: columns = header.map(ImportColumns.plain)
        case .broken(let reason)?: throw .usage("Nothing is sent: the first line \(reason).")
        case nil: throw .usage("Nothing is sent: the file is empty. Its first line must name the columns.")
        }
        guard columns.contains(where: Self.whom.contains) else {
            throw .usage("Nothing is sent: the file needs a column to or customer_id.")
        }
        var seen: Set<String> = []
        let double = columns.filter { !seen.insert($0).inserted || $0.isEmpty }
        guard double.isEmpty else {
            let names = double.map { $0.isEmpty ? "(empty)" : PlainText.of($0) }.joined(separator: ", ")
            throw .usage("Nothing is sent: each column needs a name of its own, other than \(names).")
        }
        while let record = try file.record() {
            switch record.content {
            case .broken(let reason): self.faults.append(ImportFault(line: record.line, reason: reason))
            case .cells(let cells) where cells.count != columns.count:
                let reason = "has \(cells.count) cells where the first line has \(columns.count)"
                self.faults.append(ImportFault(line: record.line, reason: reason))
            case .cells(let cells): self.add(cells, in: columns, line: record.line)
            }
        }
    }

    /// An empty cell says nothing: a template's default stands.
    private mutating func add(_ cells: [String], in columns: [String], line: Int) {
        let given = zip(columns, cells).filter { !$0.1.isEmpty }
        let whom = given.filter { Self.whom.contains($0.0) }
        guard whom.count == 1 else {
            let reason = whom.isEmpty ? "names no recipient" : "names a recipient by to and by customer_id"
            self.faults.append(ImportFault(line: line, reason: reason))
            return
        }
        var recipient: JSONObject = [whom[0].0: .string(whom[0].1)]
        let words = given.filter { !Self.whom.contains($0.0) }
        if !words.isEmpty {
            var parameters: JSONObject = [:]
            for (name, value) in words { parameters[name] = .string(value) }
            recipient["parameters"] = .object(parameters)
        }
        self.recipients.append(.object(recipient))
    }
}
