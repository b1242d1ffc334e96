import ArgumentParser
import Foundation

/// `load crowd`: what requests feel of thousands of connections that say nothing.
struct CrowdLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "crowd",
        abstract: "Measure creates at a steady rate, alone and beside thousands of idle connections.",
        discussion: """
            Stretches alone and beside the crowd take turns, so that whatever else slows the machine is in both. The connections are \
            opened before a stretch, each asks one thing, and then nothing more; the gateway closes none within a minute.

            Example:
              load crowd --url $API_URL --key $API_KEY --idle-connections 5000 --rate 200
            """
    )

    /// Before anything is measured.
    private static let warmUp = Duration.seconds(3)
    /// After the crowd has come, and after it has gone.
    private static let rest = Duration.seconds(1)

    @OptionGroup var target: TargetOptions

    @Option(help: .init("Connections of the crowd.", valueName: "count"))
    var idleConnections = 5000

    @Option(help: .init("Creates a second.", valueName: "count"))
    var rate = 200

    @Option(help: "Stretches alone, and beside the crowd.")
    var turns = 5

    @Option(help: "Of each stretch.")
    var seconds = 10

    @Option(help: .init("How much the 99th percentile may rise.", valueName: "percent"))
    var limit = 10.0

    @Option var channel: LoadChannel = .sandbox

    func validate() throws {
        guard (1...15_000).contains(self.idleConnections) else {
            throw ValidationError("--idle-connections must be 1 to 15000.")
        }
        guard (1...100_000).contains(self.rate) else { throw ValidationError("--rate must be 1 to 100000.") }
        // The gateway closes a connection that says nothing for a minute.
        guard (1...1000).contains(self.turns), (1...30).contains(self.seconds) else {
            throw ValidationError("--turns must be 1 to 1000, --seconds 1 to 30.")
        }
    }

    func measure() async throws -> Verdict {
        let target = try self.target.named()
        guard let url = URL(string: target.url), let host = url.host(), url.scheme == "http" else {
            throw LoadFailure("--url must begin with http:// here: the idle connections speak no TLS.")
        }
        let body = MessageBody(channel: self.channel, recipients: 100_000, text: "Your parcel arrives today.")
        var (alone, among, closed) = (Tally(), Tally(), 0)
        try await LoadClient.with(target.url, key: target.key, connections: 256) { client in
            try await ProbeTarget(client: client)(body.buffer(0))
            let creates = SteadyCreates(create: CreateMessage(client: client, body: body), perSecond: self.rate)
            _ = await creates(Self.warmUp, from: 0)
            for turn in 1...self.turns {
                for isAmong in turn % 2 == 0 ? [false, true] : [true, false] {
                    let crowd =
                        isAmong
                        ? try await IdleCrowd.gather(self.idleConnections, host: host, port: url.port ?? 80) : nil
                    try await Task.sleep(for: Self.rest)
                    let tally = await creates(.seconds(self.seconds), from: turn * 1_000_000)
                    if let crowd {
                        among.add(tally)
                        closed += self.idleConnections - crowd.present
                        await crowd.leave()
                    } else {
                        alone.add(tally)
                    }
                }
            }
        }
        let figures = CrowdFigures(alone: alone, among: among, closed: closed, limit: self.limit)
        try Report(title: "load crowd", rows: figures.rows, figures: figures).publish(to: self.target.json)
        return figures.isAsExpected ? .asExpected : .withFaults
    }
}
