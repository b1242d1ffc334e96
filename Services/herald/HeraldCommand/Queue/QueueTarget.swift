import ArgumentParser
import Shared

/// What is paused or continued: the organization's queue, one account of it, or everything.
struct QueueTarget: ParsableArguments {
    @OptionGroup var org: OrgOption

    @Option(help: .init("Only this channel account.", valueName: "id"))
    var account: String?

    @Flag(help: "Everything, of all organizations; needs OPERATOR_KEY.")
    var all = false

    func validate() throws {
        guard !self.all || (self.org.org == nil && self.account == nil) else {
            throw ValidationError("--all can not stand beside --org or --account.")
        }
    }

    /// Asks for what there is to do, and shows what it has become.
    func perform(
        account accountRequest: (AccountGate) -> APIRequest,
        queue queueRequest: APIRequest,
        as output: OutputOptions,
        in session: Session
    ) async throws {
        let client = self.all ? try session.operatorClient() : try self.org.client(in: session)
        if let account {
            let answer = try await client(accountRequest(AccountGate(id: account)))
            try output.show(answer, from: client, in: session) { KeyValueList.text($0) }
        } else {
            let answer = try await client(queueRequest)
            try output.show(answer, from: client, in: session) { QueueText.of($0, now: session.context.now()) }
        }
    }
}
