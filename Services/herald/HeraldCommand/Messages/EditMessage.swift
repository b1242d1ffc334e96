import ArgumentParser
import Shared

/// `herald messages edit`.
struct EditMessage: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "edit",
        abstract: "Change a message that is scheduled, queued or failed.",
        discussion: """
            What is not given stays. A failed message is sent again, as changed. While it is being sent it can not be \
            changed (409 message-in-flight).

            Examples:
              herald messages edit 019aa5e0-0000-7000-8000-000000000000 --to +14155550101
              herald messages edit 019aa5e0-0000-7000-8000-000000000000 \\
                --schedule-at 2026-12-01T09:00:00+01:00 --expires-at never
              herald messages edit 019aa5e0-0000-7000-8000-000000000000 --schedule-at now
            """
    )

    @Argument(help: "The message's id.")
    var id: String

    @Option(help: .init("Another recipient.", valueName: "address"))
    var to: String?

    @Option(parsing: .unconditional, help: .init("Another text.", valueName: "text"))
    var body: String?

    @Option(parsing: .unconditional, help: .init("Another subject of an email.", valueName: "text"))
    var subject: String?

    @Option(parsing: .unconditional, help: .init("Another text of an email as HTML.", valueName: "text"))
    var html: String?

    @Option(help: .init("Send at this time, ISO 8601 with a zone; or now.", valueName: "time"))
    var scheduleAt: String?

    @Option(help: .init("Do not send after this time; or never.", valueName: "time"))
    var expiresAt: String?

    @Option(help: .init("Your own id for it.", valueName: "text"))
    var reference: String?

    @Option(help: "otp goes first, marketing last.")
    var category: Category?

    @OptionGroup var retry: RetryOptions
    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    var change: JSONObject {
        var change = JSONObject()
        let texts: [(String, String?)] = [
            ("to", self.to), ("body", self.body), ("subject", self.subject), ("html", self.html),
            ("category", self.category?.rawValue), ("reference", self.reference),
        ]
        for (name, text) in texts { change[name] = text.map { .string($0) } }
        change["scheduled_at"] = self.scheduleAt.map { $0 == "now" ? .null : .string($0) }
        change["expires_at"] = self.expiresAt.map { $0 == "never" ? .null : .string($0) }
        for member in self.retry.members { change[member.name] = member.value }
        return change
    }

    func validate() throws {
        guard !self.change.isEmpty else {
            throw ValidationError("Give what is to change, like --to, --body or --schedule-at.")
        }
    }

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(
            .patch("/api/v1/messages/\(APIRequest.encode(self.id))", .object(self.change))
        )
        try self.output.show(answer, from: client, in: session) { MessageText.of($0) }
    }
}
