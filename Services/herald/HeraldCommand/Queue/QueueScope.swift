import ArgumentParser

/// Whose queue a command shows.
struct QueueScope: ParsableArguments {
    @OptionGroup var org: OrgOption

    @Flag(help: "The queues of all organizations, and the workers; needs OPERATOR_KEY.")
    var platform = false

    func validate() throws {
        guard !self.platform || self.org.org == nil else {
            throw ValidationError("--platform and --org exclude each other.")
        }
    }

    func client(in session: Session) throws(CommandFailure) -> APIClient {
        self.platform ? try session.operatorClient() : try self.org.client(in: session)
    }
}
