import Shared

/// A line of the file as a customer of a batch.
struct ImportRow: Sendable {
    let line: Int
    let customer: JSONValue
    /// The columns of its identities, in their order, so that what the API says of one names a column.
    private let identityColumns: [String]
    private let consentColumns: [String]
    private let columns: ImportColumns

    /// Reads a record's cells; an empty one says nothing.
    ///
    /// - Throws: `ImportFault` for the first cell that can not be right.
    init(
        _ cells: [String],
        line: Int,
        by columns: ImportColumns,
        groups: [String]
    ) throws(ImportFault) {
        guard cells.count == columns.columns.count else {
            throw ImportFault(line: line, reason: "has \(cells.count) cells, and not \(columns.columns.count)")
        }
        var (customer, fields): (JSONObject, JSONObject) = ([:], [:])
        var (identities, consents): ([(String, JSONValue)], [(String, JSONValue)]) = ([], [])
        var names = groups
        var lastName: String?
        for (column, cell) in zip(columns.columns, cells) {
            let text = Self.trimmed(cell)
            guard !text.isEmpty else { continue }
            switch column.field {
            case .profile(.lastName): lastName = text
            case .profile(.guest): customer["guest"] = .bool(try Self.flag(text, column.name, line))
            case .profile(let member): customer[member.rawValue] = .string(text)
            case .identity(let kind):
                identities.append((column.name, ["kind": .string(kind), "value": .string(text)]))
            case .groups:
                names += text.split { ";|,".contains($0) }.map { Self.trimmed(String($0)) }.filter { !$0.isEmpty }
            case .field(let name): fields[name] = .string(text)
            case .consent(let channel, let purpose):
                let status = try Self.status(text, column.name, line)
                let consent: JSONValue = [
                    "channel": .string(channel), "purpose": .string(purpose), "status": .string(status),
                    "source": "import",
                ]
                consents.append((column.name, consent))
            case .ignored: break
            }
        }
        guard !identities.isEmpty else {
            throw ImportFault(line: line, reason: "has no phone, email, whatsapp or external_id")
        }
        if let lastName, customer["name"] == nil {
            customer["name"] = .string(
                [customer["first_name"]?.string, lastName].compactMap(\.self).joined(separator: " ")
            )
        }
        customer["identities"] = .array(identities.map(\.1))
        if !fields.isEmpty { customer["fields"] = .object(fields) }
        if !names.isEmpty { customer["groups"] = .array(Set(names).sorted().map { .string($0) }) }
        if !consents.isEmpty { customer["consents"] = .array(consents.map(\.1)) }
        self.line = line
        self.customer = .object(customer)
        self.identityColumns = identities.map(\.0)
        self.consentColumns = consents.map(\.0)
        self.columns = columns
    }

    /// The column that a pointer of the API's is about, as `identities/0/value`; empty for the line as a whole.
    func column(at path: [Substring]) -> String {
        guard let member = path.first.map(String.init) else { return "" }
        let place = path.dropFirst().first.flatMap { Int($0) } ?? 0
        switch member {
        case "identities": return self.identityColumns.indices.contains(place) ? self.identityColumns[place] : ""
        case "consents": return self.consentColumns.indices.contains(place) ? self.consentColumns[place] : ""
        case "fields":
            let name =
                path.dropFirst().first.map { String($0).replacing("~1", with: "/").replacing("~0", with: "~") } ?? ""
            return self.columns.columns.first { $0.field == .field(name) }?.name ?? "fields.\(name)"
        case "groups": return self.columns.columns.first { $0.field == .groups }?.name ?? "groups"
        default:
            let field = ImportField.Profile(rawValue: member).map { ImportField.profile($0) }
            return self.columns.columns.first { $0.field == field }?.name ?? member
        }
    }

    private static func trimmed(_ text: String) -> String {
        guard text.first?.isWhitespace ?? false || text.last?.isWhitespace ?? false else { return text }
        return String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    private static func flag(_ text: String, _ column: String, _ line: Int) throws(ImportFault) -> Bool {
        switch text.lowercased() {
        case "true", "yes", "1": true
        case "false", "no", "0": false
        default: throw ImportFault(line: line, column: column, reason: "must be true or false")
        }
    }

    private static func status(_ text: String, _ column: String, _ line: Int) throws(ImportFault) -> String {
        switch text.lowercased() {
        case "opted_in", "true", "yes", "1": "opted_in"
        case "opted_out", "false", "no", "0": "opted_out"
        default: throw ImportFault(line: line, column: column, reason: "must be opted_in or opted_out")
        }
    }
}

/// Why a line is not taken.
struct ImportFault: Error, Sendable, Equatable {
    let line: Int
    /// Empty for the line as a whole.
    var column = ""
    let reason: String
}
