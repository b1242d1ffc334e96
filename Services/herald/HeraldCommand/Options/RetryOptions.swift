import ArgumentParser
import Shared

/// When a message is tried again.
struct RetryOptions: ParsableArguments {
    @Option(help: .init("When to try again: kobliat, scheduler, prasso or outbox.", valueName: "name"))
    var retryPreset: String?

    @Option(help: .init("The waits before each further try, like 10s,30s,5m,1h.", valueName: "times"))
    var retryDelays: String?

    @Option(help: .init("How often to try again: 0 to 5.", valueName: "count"))
    var maxRetries: Int?

    @Option(help: "When nobody knows whether it went out: hold it for a person, or send it again.")
    var onUncertain: UncertainPolicy?

    func validate() throws {
        guard self.retryPreset == nil || self.retryDelays == nil else {
            throw ValidationError("--retry-preset and --retry-delays exclude each other.")
        }
    }

    /// `retry` and `on_uncertain`, as far as they are given.
    var members: [JSONObject.Member] {
        var retry = JSONObject()
        retry["preset"] = self.retryPreset.map { .string($0) }
        retry["delays"] = self.retryDelays.map { text in
            .array(text.split(separator: ",").map { .string(String($0)) })
        }
        retry["max_retries"] = self.maxRetries.map { .number(JSONNumber($0)) }
        var object = JSONObject()
        if !retry.isEmpty { object["retry"] = .object(retry) }
        object["on_uncertain"] = self.onUncertain.map { .string($0.rawValue) }
        return object.members
    }
}
