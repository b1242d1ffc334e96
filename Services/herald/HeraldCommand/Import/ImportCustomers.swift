import ArgumentParser
import Shared

/// `herald customers import`.
struct ImportCustomers: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Make or change customers from a CSV file.",
        discussion: """
            The first line names the columns: name, first_name, last_name, phone, email, whatsapp, external_id, language, \
            timezone, guest, groups (several with ; between them), fields.NAME, and consents like sms_marketing with \
            opted_in or opted_out. Cells are separated by commas, semicolons or tabs; a cell in quotes may have any of \
            them, and line ends. The text is UTF-8.

            Whoever has one of the addresses already is changed, and not made twice; empty cells change nothing. The same \
            file again is safe: that is also how an import that was broken off is resumed. An opt-in of the file undoes no \
            opt-out. Lines that are refused do not stop the others: the exit code is then 1.

            Examples:
              herald customers import customers.csv --group spring --report refused.csv
              herald customers import export.csv --map "Mobile no.=phone" --map Tier=fields.tier --map Notes=ignore
            """
    )

    @Argument(help: "The CSV file.")
    var file: String

    @Option(
        name: .customLong("group"),
        help: .init("A group for all of them, by name. May be repeated.", valueName: "name")
    )
    var groups: [String] = []

    @Option(help: .init("What a column is. May be repeated.", valueName: "column=field"))
    var map: [NamedValue] = []

    @Flag(help: "Read and check the whole file, and send nothing.")
    var dryRun = false

    @Option(help: .init("A CSV file for the lines that are refused: line, column, reason.", valueName: "file"))
    var report: String?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        var file = try CSVFile(self.file)
        let columns = try self.columns(of: &file)
        var report = try ImportReport(to: self.report, warn: session.context.warn)
        let run = self.dryRun ? nil : ImportRun(client: try self.org.client(in: session), clock: session.context.clock)
        var totals = Totals()
        while let batch = try self.batch(of: &file, by: columns) {
            var faults = batch.faults
            if let run {
                let outcome = try await self.send(batch.rows, by: run, after: totals, in: session)
                totals.add(outcome)
                faults += outcome.faults
            }
            try report.add(faults.sorted { $0.line < $1.line })
            totals.lines += batch.lines
            totals.refused = report.refused
            self.showProgress(totals, share: file.size > 0 ? Double(file.read) / Double(file.size) : nil, in: session)
        }
        self.show(totals, in: session)
        guard totals.refused == 0 else { throw CommandFailure.partlyRefused }
    }

    private func columns(of file: inout CSVFile) throws(CommandFailure) -> ImportColumns {
        switch try file.record()?.content {
        case .cells(let header)?: return try ImportColumns(header, map: self.map)
        case .broken(let reason)?: throw .usage("Nothing is sent: the first line \(reason).")
        case nil: throw .usage("Nothing is sent: the file is empty. Its first line must name the columns.")
        }
    }

    private struct Batch {
        var lines = 0
        var rows: [ImportRow] = []
        var faults: [ImportFault] = []
        var bytes = 0
    }

    /// The next rows of the file; nil at its end.
    private func batch(of file: inout CSVFile, by columns: ImportColumns) throws(CommandFailure) -> Batch? {
        var batch = Batch()
        while batch.rows.count < ImportRun.batch, batch.bytes < ImportRun.batchBytes,
            batch.lines < 10 * ImportRun.batch,
            let record = try file.record()
        {
            batch.lines += 1
            do throws(ImportFault) {
                switch record.content {
                case .broken(let reason): throw ImportFault(line: record.line, reason: reason)
                case .cells(let cells):
                    batch.rows.append(try ImportRow(cells, line: record.line, by: columns, groups: self.groups))
                    batch.bytes += cells.reduce(200) { $0 + $1.utf8.count }
                }
            } catch {
                batch.faults.append(error)
            }
        }
        return batch.lines > 0 ? batch : nil
    }

    /// Says where it stopped when it must.
    private func send(
        _ rows: [ImportRow],
        by run: ImportRun,
        after totals: Totals,
        in session: Session
    ) async throws -> ImportRun.Outcome {
        do {
            return try await run.send(rows)
        } catch {
            session.context.warn(
                "herald: stopped after \(totals.lines) records; the same command again is safe, and goes through them anew.\n"
            )
            throw error
        }
    }

    // MARK: - What is told

    struct Totals {
        var lines = 0
        var created = 0
        var updated = 0
        var refused = 0
        var keptOptOuts = 0

        mutating func add(_ outcome: ImportRun.Outcome) {
            self.created += outcome.created
            self.updated += outcome.updated
            self.keptOptOuts += outcome.keptOptOuts
        }
    }

    /// On a terminal only, where it stays on one line.
    private func showProgress(_ totals: Totals, share: Double?, in session: Session) {
        guard session.context.device == .terminal else { return }
        let percent = share.map { " (\(Int(min($0, 1) * 100)) %)" } ?? ""
        session.context.warn("\rherald: import: \(totals.lines) records\(percent), \(totals.refused) refused ")
    }

    private func show(_ totals: Totals, in session: Session) {
        if session.context.device == .terminal { session.context.warn("\n") }
        if totals.refused > 0 {
            let hidden = self.report == nil && totals.refused > ImportReport.mostShown
            let more = hidden ? "; --report FILE lists them all" : ""
            session.context.warn("herald: \(totals.refused) of \(totals.lines) records were refused\(more).\n")
        }
        let number = { (count: Int) in JSONValue.number(JSONNumber(count)) }
        let summary: JSONValue = [
            "records": number(totals.lines), "created": number(totals.created), "updated": number(totals.updated),
            "refused": number(totals.refused), "kept_opt_outs": number(totals.keptOptOuts),
            "dry_run": .bool(self.dryRun),
        ]
        switch self.output.format(in: session.context) {
        case .json: session.context.write(summary.text + "\n")
        case .table: session.context.write(KeyValueList.text(summary))
        }
    }
}
