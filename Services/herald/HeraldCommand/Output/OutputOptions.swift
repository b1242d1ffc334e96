import ArgumentParser
import Shared

/// How a command shows what it got.
struct OutputOptions: ParsableArguments {
    enum Format: String, EnumerableFlag {
        case json, table

        static func help(for value: Format) -> ArgumentHelp? {
            switch value {
            case .json: "The API's own JSON; the standard when the output is no terminal."
            case .table: "Tables for a person; the standard on a terminal."
            }
        }
    }

    @Flag(exclusivity: .exclusive)
    var format: Format?

    func format(in context: CommandContext) -> Format {
        self.format ?? (context.device == .terminal ? .table : .json)
    }

    /// Prints an answer: untouched, or as `table` makes of its JSON.
    func show(
        _ answer: APIAnswer,
        from client: APIClient,
        in session: Session,
        table: (JSONValue) throws -> String
    ) throws {
        let json = try client.json(answer)
        switch self.format(in: session.context) {
        case .json: session.context.write(answer.text + "\n")
        case .table: session.context.write(try table(json))
        }
    }
}
