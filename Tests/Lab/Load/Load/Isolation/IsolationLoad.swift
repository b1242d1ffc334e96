import ArgumentParser

/// `load isolation`: whether another organization's things take another time to be refused than what nobody has.
struct IsolationLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "isolation",
        abstract: "Compare the 404 of another organization's id with that of an id that nobody has.",
        discussion: """
            Both are asked for in pairs, in an order that chance decides, over one connection: whatever slows one of them slows \
            the other. The other organization needs something of each kind; what it lacks is left out.

            Example:
              load isolation --url $API_URL --key $API_KEY --other-key $OTHER_KEY --samples 5000
            """
    )

    /// What can be asked for by its id.
    static let kinds = [
        "messages", "conversations", "customers", "channel-accounts", "templates", "broadcasts", "groups",
        "suppressions",
    ]

    @OptionGroup var target: TargetOptions

    @Option(help: .init("An API key of the organization whose things are asked for.", valueName: "key"))
    var otherKey: String

    @Option(help: .init("How often each of the two is asked for, of each kind.", valueName: "count"))
    var samples = 5000

    @Option(help: .init("How far the two medians may be apart.", valueName: "percent"))
    var limit = 2.0

    func validate() throws {
        guard (100...1_000_000).contains(self.samples) else {
            throw ValidationError("--samples must be 100 to 1000000.")
        }
        guard self.limit > 0 else { throw ValidationError("--limit must be above 0.") }
        guard self.otherKey != self.target.key else {
            throw ValidationError("--other-key must be another organization's.")
        }
    }

    func measure() async throws -> Verdict {
        let target = try self.target.named()
        let owned = try await LoadClient.with(target.url, key: self.otherKey, connections: 1) { client in
            try await OwnedThings(client: client)(Self.kinds)
        }
        guard !owned.isEmpty else {
            throw LoadFailure("The other organization has nothing; send a message with its key.")
        }
        let comparisons = try await LoadClient.with(target.url, key: target.key, connections: 1) { client in
            var comparisons: [IsolationRun.Comparison] = []
            for thing in owned {
                comparisons.append(try await IsolationRun(client: client, thing: thing)(samples: self.samples))
            }
            return comparisons
        }
        let figures = IsolationFigures(comparisons, limit: self.limit)
        try Report(title: "load isolation", rows: figures.rows, figures: figures).publish(to: self.target.json)
        return figures.isAsExpected ? .asExpected : .withFaults
    }
}
