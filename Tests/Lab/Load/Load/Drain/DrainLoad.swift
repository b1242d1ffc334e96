import ArgumentParser
import Foundation

/// `load drain`: messages per second from the queue to the provider.
struct DrainLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Measure how many messages a second go from a full queue to the provider.",
        discussion: """
            Creates messages that are all due at the same moment, a little ahead, and measures from the first to the last \
            arrival at the provider stub. The channel's default account must lead to the stub, without a rate limit in the \
            way: --setting rate_per_second=10000, and for whatsapp pair_interval_ms=0.

            Example:
              load drain --url $API_URL --key $API_KEY --stub http://127.0.0.1:9100 --messages 20000
            """
    )

    @OptionGroup var target: TargetOptions
    @OptionGroup var stub: StubOptions

    @Option(help: .init("How many messages; 2 to 100000, as many as the stub remembers.", valueName: "count"))
    var messages = 20_000

    @Option var channel: LoadChannel = .whatsapp

    @Option(
        help: .init(
            "In how many seconds they are due: they must all be created by then. Left out: 10, and 1 for each 1,000.",
            valueName: "seconds"
        )
    )
    var lead: Int?

    @Option(help: .init("Give up when nothing has arrived for so long.", valueName: "seconds"))
    var patience = 30

    func validate() throws {
        try self.stub.check(with: self.target)
        guard (2...StubClient.ledgerLimit).contains(self.messages) else {
            throw ValidationError("--messages must be 2 to \(StubClient.ledgerLimit).")
        }
        guard (1...86_400).contains(self.leadSeconds) else { throw ValidationError("--lead must be 1 to 86400.") }
        guard (1...3600).contains(self.patience) else { throw ValidationError("--patience must be 1 to 3600.") }
        guard self.channel != .sandbox else {
            throw ValidationError("--channel must be one that reaches the stub: sms, whatsapp or email.")
        }
    }

    private var leadSeconds: Int { self.lead ?? 10 + self.messages / 1000 }

    func measure() async throws -> Verdict {
        if self.target.isShort { return try await self.target.measureShort(.drain) }
        return try await self.target.withTarget(stub: self.stub.stub) { target in
            let result = try await LoadClient.with(
                target.url,
                key: target.key,
                connections: FillQueue.connections
            ) { client in
                try await LoadClient.with(target.stub ?? "", connections: 1) { stub in
                    try await self.measure(client, StubClient(client: stub))
                }
            }
            try Report(title: "load drain", rows: result.rows, figures: result).publish(to: self.target.json)
            return result.isAsExpected ? .asExpected : .withFaults
        }
    }

    private func measure(_ client: LoadClient, _ stub: StubClient) async throws(LoadFailure) -> DrainFigures {
        let before = try await stub.acceptedCount()
        let due = Date(timeIntervalSinceNow: Double(self.leadSeconds))
        let body = MessageBody(
            channel: self.channel,
            // Different ones, so that no order within a conversation holds anything up.
            recipients: self.messages,
            text: "load",
            fields: [("scheduled_at", "\"\(due.formatted(.iso8601))\"")]
        )
        try await ProbeTarget(client: client)(body.buffer(0))
        let marks = RunMarks()
        let filled = await FillQueue(client: client, body: body, marks: marks, messages: self.messages)()
        let filledAt = Date()
        guard filled.accepted >= 2 else {
            throw LoadFailure("The queue could not be filled: \(filled.outcomes.rows.map { "\($0.0) \($0.1)" })")
        }
        let wait = AwaitArrivals(stub: stub, patience: .seconds(self.patience), clock: ContinuousClock())
        let count = try await wait(count: filled.accepted, beyond: before, dueIn: due.timeIntervalSinceNow)
        let arrivals = try await stub.arrivals(of: marks, last: count)
        return DrainFigures(arrivals, filled: filled, lateBy: max(0, filledAt.timeIntervalSince(due)), of: self)
    }
}
