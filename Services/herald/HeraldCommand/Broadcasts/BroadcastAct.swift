import ArgumentParser

/// An act on one broadcast, which is shown as it is then.
struct BroadcastAct: ParsableArguments {
    @Argument(help: "The broadcast's id.")
    var id: String

    @OptionGroup var org: OrgOption
    @OptionGroup var output: OutputOptions

    func callAsFunction(_ verb: String, in session: Session) async throws {
        let client = try self.org.client(in: session)
        let answer = try await client(BroadcastCalls(id: self.id).act(verb))
        try self.output.show(answer, from: client, in: session) { BroadcastText.of($0) }
    }
}
