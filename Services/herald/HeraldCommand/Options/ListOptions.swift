import ArgumentParser
import Shared

/// How much of a list is shown.
struct ListOptions: ParsableArguments {
    @Option(help: .init("How many at most; more than one page is fetched as needed.", valueName: "count"))
    var limit = Limits.defaultPageElements

    @Flag(help: "All of them, page by page.")
    var all = false

    @Option(help: .init("Continue where an earlier list ended: its next_cursor.", valueName: "text"))
    var cursor: String?

    func validate() throws {
        guard self.limit >= 1 else { throw ValidationError("--limit must be 1 or more.") }
    }
}
