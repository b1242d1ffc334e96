import ArgumentParser
import Foundation

/// `load create`: messages created per second, or at a rate.
struct CreateLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Measure how many messages a second are created through the gateway.",
        discussion: """
            Each connection sends its next request when the last one is answered. With --rate requests come at that rate whatever \
            becomes of those before, and each is timed from the moment at which it was to be sent.

            Example:
              load create --url $API_URL --key $API_KEY --connections 64 --seconds 20
              load create --url $API_URL --key $API_KEY --rate 2000 --seconds 20
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Connections; with --rate at most.")
    var connections = 64

    @Option(help: .init("Creates a second; as fast as they are answered when left out.", valueName: "count"))
    var rate: Int?

    @Option(help: "How long is measured.")
    var seconds = 20

    @Option(help: .init("How long runs before that, unmeasured.", valueName: "seconds"))
    var warmUp = 3

    @Option var channel: LoadChannel = .sandbox

    @Option(help: .init("How many different recipients there are.", valueName: "count"))
    var toRange = 100_000

    @Option(help: .init("The text of each message.", valueName: "text"))
    var body = "Your parcel arrives today between 14:00 and 16:00."

    @Flag(help: "Give each message an idempotency key of its own.")
    var idempotencyKeys = false

    func validate() throws {
        guard (1...4096).contains(self.connections) else { throw ValidationError("--connections must be 1 to 4096.") }
        guard (1...86_400).contains(self.seconds) else { throw ValidationError("--seconds must be 1 to 86400.") }
        guard (0...3600).contains(self.warmUp) else { throw ValidationError("--warm-up must be 0 to 3600.") }
        guard (1...100_000_000).contains(self.toRange) else {
            throw ValidationError("--to-range must be 1 to 100000000.")
        }
        guard self.rate.map((1...100_000).contains) ?? true else {
            throw ValidationError("--rate must be 1 to 100000.")
        }
    }

    func measure() async throws -> Verdict {
        if self.target.isShort { return try await self.target.measureShort(.create) }
        return try await self.target.withTarget { target in
            let processor = ProcessorTime.now
            let start = ContinuousClock.now
            let tally = try await LoadClient.with(
                target.url,
                key: target.key,
                connections: self.connections
            ) { client in
                try await self.measure(client)
            }
            let cores = (ProcessorTime.now - processor) / (ContinuousClock.now - start)
            let figures = CreateFigures(tally, of: self, cores: cores)
            try Report(title: "load create", rows: figures.rows, figures: figures).publish(to: self.target.json)
            return tally.outcomes.isAsExpected && figures.created > 0 ? .asExpected : .withFaults
        }
    }

    private func measure(_ client: LoadClient) async throws(LoadFailure) -> Tally {
        let create = CreateMessage(
            client: client,
            body: MessageBody(channel: self.channel, recipients: self.toRange, text: self.body),
            keys: self.idempotencyKeys ? .unique(run: UUID().uuidString.lowercased()) : .none
        )
        try await ProbeTarget(client: client)(create.body.buffer(0))
        guard let rate else {
            let loop = ClosedLoop(connections: self.connections, expected: CreateMessage.created)
            return await loop(create, warmUp: .seconds(self.warmUp), measured: .seconds(self.seconds))
        }
        let loop = OpenLoop(
            perSecond: Double(rate),
            expected: CreateMessage.created,
            warmUp: .seconds(self.warmUp),
            measured: .seconds(self.seconds)
        )
        return await loop(create)
    }
}
