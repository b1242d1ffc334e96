import ArgumentParser

/// Which messages a command acts on.
enum MessageSelection: Equatable {
    case one(String)
    /// By their ids, each with an answer of its own.
    case several([String])
    /// Whatever matches all of these, in a job.
    case matching([MessageFilter])

    init(ids: [String]) {
        self = ids.count == 1 ? .one(ids[0]) : .several(ids)
    }

    /// Refuses an empty id, which is what an unset variable of a script becomes.
    static func check(ids: [String]) throws {
        guard !ids.contains("") else { throw ValidationError("An id is empty.") }
    }
}

/// Some ids, or filters.
struct MessageTargets: ParsableArguments {
    @Argument(help: "The ids of messages; or else filters, for all that match them.")
    var ids: [String] = []

    @Option(parsing: .singleValue, help: "In this status, or one of several with commas.")
    var status: [String] = []

    @OptionGroup var filters: MessageFilters

    @Option(help: .init("Failed with this error.", valueName: "code"))
    var errorCode: String?

    var selection: MessageSelection {
        self.ids.isEmpty ? .matching(self.fields) : MessageSelection(ids: self.ids)
    }

    private var fields: [MessageFilter] {
        [MessageFilter]("status", anyOf: self.status) + self.filters.fields
            + [MessageFilter]("error_code", self.errorCode)
    }

    func validate() throws {
        try MessageSelection.check(ids: self.ids)
        guard self.ids.isEmpty != self.fields.isEmpty else {
            throw ValidationError("Give ids of messages, or filters like --status; one of the two.")
        }
    }
}
