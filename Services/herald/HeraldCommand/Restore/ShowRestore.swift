import ArgumentParser
import Shared

/// `herald restore status`.
struct ShowRestore: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show whether sending is stopped because the database was restored.",
        discussion: """
            Needs OPERATOR_KEY. Each worker is listed with what its journal told: since when it has every attempt, how many \
            there were, which of them the database had forgotten, and which are of messages that it never had.

            Example:
              herald restore status
            """
    )

    static let journals: [ResourceColumn] = [
        .member("worker"), .member("told"), .member("whole"), .time("covers_since", title: "covers since (utc)"),
        .number("attempts"), .number("learned"), .number("unknown"),
    ]

    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try session.operatorClient()
        let answer = try await client(.get("/api/v1/restore"))
        try self.output.show(answer, from: client, in: session, table: Self.text)
    }

    static func text(_ restore: JSONValue) -> String {
        let journals = restore["journals"]?.array ?? []
        return KeyValueList.text(restore, hiding: ["journals"])
            + (journals.isEmpty ? "" : "\n" + TextTable.text(Self.journals, journals))
    }
}
