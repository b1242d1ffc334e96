import ArgumentParser
import Foundation

/// `load idle`: how long one message takes when there is nothing else to do.
struct IdleLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "idle",
        abstract: "Measure the time from a create call to the provider, one message at a time.",
        discussion: """
            From before the create call to the time in the stub's ledger, so both must run on one machine; the ledger \
            counts in milliseconds. The channel's default account must lead to the stub.

            Example:
              load idle --url $API_URL --key $API_KEY --stub http://127.0.0.1:9100 --samples 200 --pause 50ms
            """
    )

    @OptionGroup var target: TargetOptions
    @OptionGroup var stub: StubOptions

    @Option(help: .init("How many messages are measured.", valueName: "count"))
    var samples = 200

    @Option(help: .init("How many go before them, unmeasured, to open connections.", valueName: "count"))
    var warmUp = 5

    @Option(help: .init("Between a message's arrival and the next one: 50ms or 2s.", valueName: "time"))
    var pause = Pause(duration: .milliseconds(50))

    @Option var channel: LoadChannel = .whatsapp

    func validate() throws {
        try self.stub.check(with: self.target)
        guard (1...100_000).contains(self.samples) else { throw ValidationError("--samples must be 1 to 100000.") }
        guard (0...1000).contains(self.warmUp) else { throw ValidationError("--warm-up must be 0 to 1000.") }
        guard self.channel != .sandbox else {
            throw ValidationError("--channel must be one that reaches the stub: sms, whatsapp or email.")
        }
    }

    func measure() async throws -> Verdict {
        if self.target.isShort { return try await self.target.measureShort(.idle) }
        return try await self.target.withTarget(stub: self.stub.stub) { target in
            let body = MessageBody(channel: self.channel, recipients: self.samples + self.warmUp, text: "load")
            let tally = try await LoadClient.with(target.url, key: target.key, connections: 1) { client in
                try await LoadClient.with(target.stub ?? "", connections: 1) { stub in
                    let stub = StubClient(client: stub)
                    // Before anything is sent: without the stub nothing is measured.
                    _ = try await stub.acceptedCount()
                    try await ProbeTarget(client: client)(body.buffer(0))
                    let run = IdleRun(client: client, stub: stub, body: body, clock: ContinuousClock())
                    return try await run(warmUp: self.warmUp, samples: self.samples, pause: self.pause.duration)
                }
            }
            let figures = IdleFigures(tally, of: self)
            try Report(title: "load idle", rows: figures.rows, figures: figures).publish(to: self.target.json)
            return figures.isAsExpected ? .asExpected : .withFaults
        }
    }
}
