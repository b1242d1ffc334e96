import ArgumentParser
import Shared

/// `herald keys rotate`.
struct RotateKey: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a key in the place of another; the new one is shown this one time.",
        discussion: """
            Both are good until the old one ends: a day later, or after --overlap seconds; with 0 at once.

            Examples:
              herald keys rotate 019aa5e0-0000-7000-8000-000000000000
              herald keys rotate 019aa5e0-0000-7000-8000-000000000000 --overlap 3600
            """
    )

    @OptionGroup var key: KeyIDArgument

    @Option(help: .init("How long the old key goes on; a day when left out.", valueName: "seconds"))
    var overlap: Int?

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    var body: JSONValue {
        var body: JSONObject = [:]
        body["overlap_seconds"] = self.overlap.map { .number(JSONNumber($0)) }
        return .object(body)
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(.post("\(self.key.path)/rotate", self.body))
        try self.output.show(answer, from: client, in: session) { KeyText.made($0) }
    }
}
