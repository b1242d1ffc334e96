import ArgumentParser
import Foundation

/// `load webhooks`: how soon webhooks are acknowledged, and whether each has its effect.
struct WebhookLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Measure how soon signed webhooks of WhatsApp are acknowledged at a steady rate.",
        discussion: """
            Makes an account of its own, posts in its name, and counts afterwards what became of each message.

            Example:
              load webhooks --url $API_URL --key $API_KEY --inbound $INBOUND_URL --rate 500 --seconds 30
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(
        help: .init(
            "Where webhooks are taken, like http://127.0.0.1:8081; INBOUND_URL of .herald/env.",
            valueName: "url"
        )
    )
    var inbound: String?

    @Option(help: "Events a second.")
    var rate = 500

    @Option(help: "How long is measured.")
    var seconds = 30

    @Option(help: .init("How long runs before that, unmeasured.", valueName: "seconds"))
    var warmUp = 5

    @Option(help: .init("How many customers write, in turn.", valueName: "count"))
    var customers = 1000

    @Option(
        help: .init("How many of a hundred events are statuses of messages, and no messages.", valueName: "percent")
    )
    var statuses = 50

    @Option(help: .init("How many events one webhook brings.", valueName: "count"))
    var batch = 1

    @Option(help: "Connections at most.")
    var connections = 256

    @Option(help: .init("How long to wait for the effects of what was acknowledged.", valueName: "seconds"))
    var patience = 60

    func validate() throws {
        if let inbound { try TargetOptions.check(inbound, of: "--inbound") }
        guard (self.inbound == nil) == (self.target.url == nil) else {
            throw ValidationError("--inbound goes with --url: both, or neither to have everything started.")
        }
        guard (1...100_000).contains(self.rate) else { throw ValidationError("--rate must be 1 to 100000.") }
        guard (1...86_400).contains(self.seconds) else { throw ValidationError("--seconds must be 1 to 86400.") }
        guard (0...3600).contains(self.warmUp) else { throw ValidationError("--warm-up must be 0 to 3600.") }
        guard (1...1_000_000).contains(self.customers) else {
            throw ValidationError("--customers must be 1 to 1000000.")
        }
        guard (0...100).contains(self.statuses) else { throw ValidationError("--statuses must be 0 to 100.") }
        guard (1...10_000).contains(self.batch) else { throw ValidationError("--batch must be 1 to 10000.") }
        guard (1...4096).contains(self.connections) else { throw ValidationError("--connections must be 1 to 4096.") }
        guard (0...3600).contains(self.patience) else { throw ValidationError("--patience must be 0 to 3600.") }
    }

    func measure() async throws -> Verdict {
        if self.target.isShort { return try await self.target.measureShort(.webhooks) }
        return try await self.target.withTarget(inbound: self.inbound) { target in
            try await LoadClient.with(target.url, key: target.key, connections: 8) { api in
                try await self.measure(api, inbound: target.inbound ?? "")
            }
        }
    }

    private func measure(_ api: LoadClient, inbound: String) async throws -> Verdict {
        let account = try await WebhookAccount.make(api)
        let payloads = WebhookPayloads(account: account, customers: self.customers, statuses: self.statuses)
        let processor = ProcessorTime.now
        let start = ContinuousClock.now
        let result = try await LoadClient.with(inbound, connections: self.connections) { client in
            await WebhookRun(
                client: client,
                payloads: payloads,
                webhooksPerSecond: Double(self.rate) / Double(self.batch),
                batch: self.batch,
                warmUp: .seconds(self.warmUp),
                measured: .seconds(self.seconds)
            )()
        }
        let cores = (ProcessorTime.now - processor) / (ContinuousClock.now - start)
        let effects = try await CountEffects(api: api, account: account, clock: ContinuousClock())(
            of: result.messages,
            within: .seconds(self.patience)
        )
        let figures = WebhookFigures(result, effects, of: self, cores: cores)
        try Report(title: "load webhooks", rows: figures.rows, figures: figures).publish(to: self.target.json)
        return figures.isAsExpected ? .asExpected : .withFaults
    }
}
