/// What the columns of a file say, in their order.
struct ImportColumns: Sendable {
    struct Column: Sendable {
        /// As it stands in the file.
        let name: String
        let field: ImportField
    }

    let columns: [Column]

    /// - Parameters:
    ///   - header: the first record's cells.
    ///   - map: what `--map` says, column by column.
    /// - Throws: `CommandFailure` that names every column that is wrong.
    init(_ header: [String], map: [NamedValue]) throws(CommandFailure) {
        var given: [String: String] = [:]
        for pair in map {
            guard header.contains(where: { Self.plain($0) == pair.name }) else {
                throw .usage("--map names the column \(PlainText.of(pair.name)), which the file does not have.")
            }
            guard given.updateValue(pair.value, forKey: pair.name) == nil else {
                throw .usage("--map gives \(PlainText.of(pair.name)) twice; give it once.")
            }
        }
        let read = header.map { name in
            (name: Self.plain(name), field: ImportField(given[Self.plain(name)] ?? Self.plain(name)))
        }
        let unknown = read.filter { $0.field == nil }.map { given[$0.name] == nil ? $0.name : "\($0.name) (of --map)" }
        guard unknown.isEmpty else {
            let names = unknown.map { $0.isEmpty ? "(empty)" : PlainText.of($0) }.joined(separator: ", ")
            throw .usage(
                "Nothing is sent: these columns are not known: \(names). Use --map COLUMN=FIELD, where FIELD is one of "
                    + "\(ImportField.list)."
            )
        }
        let columns = read.compactMap { column in column.field.map { Column(name: column.name, field: $0) } }
        var seen: Set<ImportField> = []
        let double = columns.filter { $0.field.isSingle && !seen.insert($0.field).inserted }
        guard double.isEmpty else {
            let names = double.map { PlainText.of($0.name) }.joined(separator: ", ")
            throw .usage("Nothing is sent: another column says the same as \(names). Use --map COLUMN=ignore.")
        }
        guard columns.contains(where: \.field.isIdentity) else {
            throw .usage("Nothing is sent: the file needs a column phone, email, whatsapp or external_id.")
        }
        self.columns = columns
    }

    /// A column's name without the spaces around it.
    static func plain(_ name: String) -> String {
        String(name.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
