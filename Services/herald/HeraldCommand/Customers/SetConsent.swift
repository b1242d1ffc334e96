import ArgumentParser
import Shared

/// `herald customers consent`.
struct SetConsent: APICommand {
    enum Purpose: String, CaseIterable, ExpressibleByArgument {
        case marketing, transactional
    }

    enum Status: String, CaseIterable, ExpressibleByArgument {
        case optedIn = "opted_in"
        case optedOut = "opted_out"
    }

    static let configuration = CommandConfiguration(
        commandName: "consent",
        abstract: "Show what a customer wants, or state it.",
        discussion: """
            Without --status it shows what counts, with --history all that was ever said.

            Examples:
              herald customers consent 019aa5e0-0000-7000-8000-000000000000
              herald customers consent 019aa5e0-0000-7000-8000-000000000000 --status opted_out \\
                --channel sms --purpose marketing --source telephone
            """
    )

    static let columns: [ResourceColumn] = [
        .member("channel"), .member("purpose"), .member("status"), .member("source"), .time("at", title: "at (utc)"),
        .member("proof"),
    ]

    @Argument(help: "The customer's id.")
    var id: String

    @Option(help: "What the customer wants.")
    var status: Status?

    @Option var channel: Channel?
    @Option(help: "Which messages it is about.")
    var purpose: Purpose?

    @Option(help: .init("Where it was said.", valueName: "text"))
    var source: String?

    @Option(help: .init("What shows that it was said.", valueName: "text"))
    var proof: String?

    @Flag(help: "All that was said, also what counts no more.")
    var history = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let isStated = self.channel != nil || self.purpose != nil || self.source != nil || self.proof != nil
        guard self.status != nil else {
            if isStated { throw ValidationError("Give --status too: opted_in or opted_out.") }
            return
        }
        guard !self.history else { throw ValidationError("--history shows, --status states: give one of the two.") }
        guard self.channel != nil, self.purpose != nil else {
            throw ValidationError("Give --channel and --purpose: a consent is for both.")
        }
    }

    func run(in session: Session) async throws {
        let path = "/api/v1/customers/\(APIRequest.encode(self.id))/consents"
        let client = try self.org.client(in: session)
        if let consent = self.consent {
            let answer = try await client(.put(path, consent))
            try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
            return
        }
        let answer = try await client(.get(self.history ? path + "/history" : path))
        try self.output.show(answer, from: client, in: session) {
            TextTable.text(Self.columns, $0["data"]?.array ?? [])
        }
    }

    /// Nil where nothing is stated.
    private var consent: JSONValue? {
        guard let status = self.status, let channel = self.channel, let purpose = self.purpose else { return nil }
        var body: JSONObject = [
            "channel": .string(channel.rawValue), "purpose": .string(purpose.rawValue),
            "status": .string(status.rawValue),
        ]
        body["source"] = self.source.map { .string($0) }
        body["proof"] = self.proof.map { .string($0) }
        return .object(body)
    }
}
