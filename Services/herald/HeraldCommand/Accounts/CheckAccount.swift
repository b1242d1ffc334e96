import ArgumentParser
import Shared

/// `herald accounts check`.
struct CheckAccount: APICommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Ask the provider whether an account's credentials work; nothing is sent.",
        discussion: """
            Exits with 0 when they do, 1 when the provider refuses them or can not be reached, 4 when no worker answered in
            time: herald accounts show has the answer later. A parked account stays parked: see herald accounts resume.

            Example:
              herald accounts check 019aa5e0-0000-7000-8000-000000000000
            """
    )

    @Argument(help: "The account's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func run(in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(AccountGate(id: self.id).check)
        try self.output.show(answer, from: client, in: session) { KeyValueList.text($0) }
        switch answer.json?["status"]?.string {
        case "ok": return
        case "pending": throw CommandFailure.unfinished
        default: throw CommandFailure.checkFailed
        }
    }
}
