import ArgumentParser
import Foundation

/// `load create`: messages created per second.
struct CreateLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Measure how many messages a second are created through the gateway.",
        discussion: """
            Example:
              load create --url $API_URL --key $API_KEY --connections 64 --seconds 20
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: "Connections, each with one request at a time.")
    var connections = 64

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
    }

    func measure() async throws -> Verdict {
        let body = MessageBody(channel: self.channel, recipients: self.toRange, text: self.body)
        let processor = ProcessorTime.now
        let start = ContinuousClock.now
        let result = try await LoadClient.with(
            self.target.url,
            key: self.target.key,
            connections: self.connections
        ) { client in
            try await ProbeTarget(client: client)(body.buffer(0))
            return await CreateRun(
                client: client,
                body: body,
                keys: self.idempotencyKeys ? .unique(run: UUID().uuidString.lowercased()) : .none,
                connections: self.connections,
                warmUp: .seconds(self.warmUp),
                measured: .seconds(self.seconds)
            )()
        }
        let cores = (ProcessorTime.now - processor) / (ContinuousClock.now - start)
        let figures = CreateFigures(result, of: self, cores: cores)
        try Report(title: "load create", rows: figures.rows, figures: figures).publish(to: self.target.json)
        return result.outcomes.isAsExpected && figures.created > 0 ? .asExpected : .withFaults
    }
}
