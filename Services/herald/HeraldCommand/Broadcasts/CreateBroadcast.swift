import ArgumentParser
import Foundation
import Shared

/// `herald broadcasts create`.
struct CreateBroadcast: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Send one content to many recipients.",
        discussion: """
            Recipients are numbers and addresses (--to), the lines of a CSV file (--recipients), groups (--group-id), or \
            customers with a field (--field). Whoever is named more than once gets one message. In the texts {{first_name}} \
            stands for what is known of the customer, and {{order}} for what a column order of the file has.

            Lines of the file that are no recipients are named, and do not stop the others: the exit code is then 1.

            Each has an idempotency key, made when you give none. --dry-run shows whom it would reach and what the first of \
            them would get; --wait stays until it is done.

            Examples:
              herald broadcasts create --name spring --channel sms --body "Hi {{first_name}}, sale!" \\
                --to +14155550100 --to +14155550101 --dry-run
              herald broadcasts create --name gold --channel email --template sale \\
                --field tier=gold --at 2026-12-01T09:00:00+01:00
              herald broadcasts create --name parcels --channel sms --category transactional \
                --body "Your order {{order}} is on its way." --recipients parcels.csv --report refused.csv
            """
    )

    @OptionGroup(title: "Broadcast") var broadcast: BroadcastOptions
    @OptionGroup(title: "Recipients") var recipients: RecipientOptions

    @Option(help: .init("A name for this command: repeating it changes nothing.", valueName: "text"))
    var idempotencyKey: String?

    @Option(help: .init("A CSV file for the lines that are refused: line, column, reason.", valueName: "file"))
    var report: String?

    @Flag(help: "Only say what would become of it: nothing is stored, nothing is sent.")
    var dryRun = false

    @Flag(help: "Wait until it is done, paused or cancelled.")
    var wait = false

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard !self.dryRun || !self.wait else {
            throw ValidationError("--wait has nothing to wait for with --dry-run.")
        }
        guard self.report == nil || self.recipients.file != nil else {
            throw ValidationError("--report is for the lines of a file: give --recipients.")
        }
    }

    func run(in session: Session) async throws {
        let file = try self.recipients.file.map { path throws(CommandFailure) in try RecipientFile(path) }
        var report = try ImportReport(to: self.report, warn: session.context.warn)
        try report.add(file?.faults ?? [])
        var body = try self.broadcast.object
        for member in try self.recipients.object(with: file).members { body[member.name] = member.value }
        let client = try self.org.client(in: session)
        var request = APIRequest.post("/api/v1/broadcasts", .object(body))
        request.headers = [("idempotency-key", self.idempotencyKey ?? UUID().uuidString.lowercased())]
        if self.dryRun { request.query = [("dry_run", "true")] }
        var answer = try await client(request)
        if self.wait {
            guard let id = answer.json?["id"]?.string else { throw client.foreign(answer) }
            answer = try await FollowBroadcast(client: client, id: id)(in: session)
        }
        try self.output.show(answer, from: client, in: session) { BroadcastText.of($0) }
        guard report.refused == 0 else { throw CommandFailure.partlyRefused }
    }
}
