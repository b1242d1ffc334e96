import ArgumentParser
import Shared

/// How many requests may be made; for commands that set a limit.
struct RateLimitOptions: ParsableArguments {
    @Option(help: .init("Requests a second.", valueName: "number"))
    var perSecond: Int?

    @Option(help: .init("Requests at once; as many as in a second when left out.", valueName: "number"))
    var burst: Int?

    func validate() throws {
        guard self.burst == nil || self.perSecond != nil else {
            throw ValidationError("--burst goes with --per-second.")
        }
    }

    /// Nil when no limit was given.
    var value: JSONValue? {
        self.perSecond.map { perSecond in
            var limit: JSONObject = ["per_second": .number(JSONNumber(perSecond))]
            limit["burst"] = self.burst.map { .number(JSONNumber($0)) }
            return .object(limit)
        }
    }
}
