import ArgumentParser
import Shared

/// Which events of the inbox are meant.
struct WebhookFilters: ParsableArguments {
    @Option(help: "pending, done, ignored or failed.")
    var state: String?

    @Option(help: "report, message or other.")
    var kind: String?

    @Option(help: "The channel account's id.")
    var account: String?

    @Option(help: "Those that arrived then or later; ISO 8601 with zone.")
    var receivedAfter: String?

    @Option(help: "Those that arrived before then.")
    var receivedBefore: String?

    /// In the API's names, those that were given.
    var fields: [(name: String, value: String)] {
        [
            ("state", self.state), ("kind", self.kind), ("account_id", self.account),
            ("received_after", self.receivedAfter), ("received_before", self.receivedBefore),
        ].compactMap { name, value in value.map { (name, $0) } }
    }
}
