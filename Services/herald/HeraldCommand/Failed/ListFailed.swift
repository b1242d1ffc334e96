import ArgumentParser
import Shared

/// `herald failed list`.
struct ListFailed: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List failed messages with reason and attempts, the newest failure first.",
        discussion: """
            "Tries" has the outcome of each attempt; herald messages show has them in full, as has --json.

            Examples:
              herald failed list --channel sms --error-code 30007
              herald failed list --created-after 2026-11-21T00:00:00Z --all --json
            """
    )

    static let columns: [ResourceColumn] = [
        .member("id"), .time("failed_at", title: "failed (utc)"), .member("channel"), .member("to"),
        .member("error.code", title: "error"), .member("error.detail", title: "reason"),
        .number("attempt_count", title: "attempts"),
        ResourceColumn(shape: .init(title: "tries")) { Self.tries($0["attempts"]?.array ?? []) },
        .member("reference"),
    ]

    @OptionGroup var filters: FailedFilters
    @OptionGroup var org: OrgOption
    @OptionGroup var list: ListOptions
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let list = ListResources(
            client: try self.org.client(in: session),
            path: "/api/v1/failed",
            query: self.filters.fields.parameters,
            options: self.list,
            columns: Self.columns
        )
        try await list(as: self.output, in: session)
    }

    /// The error of each attempt, or how else it ended.
    private static func tries(_ attempts: [JSONValue]) -> String {
        let ends = attempts.map { attempt in
            let code = ResourceColumn.text(attempt, at: "error.code")
            return code == "-" ? ResourceColumn.text(attempt, at: "outcome") : code
        }
        return ends.isEmpty ? "-" : ends.joined(separator: ", ")
    }
}
