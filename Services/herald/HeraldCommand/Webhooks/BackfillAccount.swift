import ArgumentParser
import Shared

/// `herald webhooks backfill`.
struct BackfillAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill",
        abstract: "Ask an account's provider for what customers sent since a time.",
        discussion: """
            For messages whose webhooks did not arrive; those that are known change nothing. Twilio only: other providers \
            repeat their webhooks for days.

            Example:
              herald webhooks backfill 019aa5e0-0000-7000-8000-000000000000 --since 2026-11-21T00:00:00Z
            """
    )

    @Argument(help: "The channel account's id.")
    var account: String

    @Option(help: "ISO 8601 with zone, within the last 30 days.")
    var since: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let path = "/api/v1/channel-accounts/\(APIRequest.encode(self.account))/backfill"
        let answer = try await client(.post(path, ["since": .string(self.since)]))
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
    }
}
