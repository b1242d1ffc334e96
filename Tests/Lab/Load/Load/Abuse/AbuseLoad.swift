import ArgumentParser
import Foundation

/// `load abuse`: what another organization feels of one that asks for ten times what it may.
struct AbuseLoad: Measurement {
    static let configuration = CommandConfiguration(
        commandName: "abuse",
        abstract: "Measure creates at a steady rate, with and without another organization far beyond its limit.",
        discussion: """
            Both organizations send at a steady rate, whatever becomes of their earlier requests; each request is timed from the \
            moment at which it was to be sent. Quiet and abused stretches take turns, so that whatever else slows the machine is in \
            both. The abusing organization needs a limit: herald orgs edit ID --per-second 100 --burst 100.

            What it may send costs what anybody's messages cost. With --allowed it sends so much in the quiet stretches too, and what \
            it asks for beyond its limit is measured alone.

            Example:
              load abuse --url $API_URL --key $API_KEY --abuser-key $OTHER_KEY --abuse 1000 --rate 200 --turns 6 --seconds 10
            """
    )

    @OptionGroup var target: TargetOptions

    @Option(help: .init("An API key of the organization that asks for too much.", valueName: "key"))
    var abuserKey: String

    @Option(help: .init("Its requests a second: ten times its limit.", valueName: "count"))
    var abuse = 1000

    @Option(help: .init("What it sends in the quiet stretches: 0, or its limit.", valueName: "count"))
    var allowed = 0

    @Option(help: .init("Creates a second of the organization that is measured.", valueName: "count"))
    var rate = 200

    @Option(help: "Quiet stretches, and abused ones.")
    var turns = 6

    @Option(help: "Of each stretch.")
    var seconds = 10

    @Option(help: .init("How much the 99th percentile may rise.", valueName: "percent"))
    var limit = 20.0

    @Option var channel: LoadChannel = .sandbox

    func validate() throws {
        guard (1...100_000).contains(self.abuse), (1...100_000).contains(self.rate) else {
            throw ValidationError("--abuse and --rate must be 1 to 100000.")
        }
        guard (0...100_000).contains(self.allowed) else { throw ValidationError("--allowed must be 0 to 100000.") }
        guard (1...1000).contains(self.turns), (1...3600).contains(self.seconds) else {
            throw ValidationError("--turns must be 1 to 1000, --seconds 1 to 3600.")
        }
        guard self.abuserKey != self.target.key else {
            throw ValidationError("--abuser-key must be another organization's.")
        }
    }

    func measure() async throws -> Verdict {
        let body = MessageBody(channel: self.channel, recipients: 100_000, text: "Your parcel arrives today.")
        let target = try self.target.named()
        let result = try await LoadClient.with(target.url, key: target.key, connections: 256) { client in
            try await ProbeTarget(client: client)(body.buffer(0))
            return try await LoadClient.with(target.url, key: self.abuserKey, connections: 256) { abuser in
                let create = CreateMessage(client: abuser, body: body)
                return await AbuseRun(
                    measured: SteadyCreates(
                        create: CreateMessage(client: client, body: body),
                        perSecond: self.rate
                    ),
                    abuser: SteadyCreates(create: create, perSecond: self.abuse),
                    allowed: self.allowed > 0 ? SteadyCreates(create: create, perSecond: self.allowed) : nil,
                    turns: self.turns,
                    stretch: .seconds(self.seconds)
                )()
            }
        }
        let figures = AbuseFigures(result, limit: self.limit)
        try Report(title: "load abuse", rows: figures.rows, figures: figures).publish(to: self.target.json)
        return figures.isAsExpected ? .asExpected : .withFaults
    }
}
