import ArgumentParser

/// For whom a tenant's command acts.
struct OrgOption: ParsableArguments {
    @Option(
        help: .init(
            "Act for this organization with OPERATOR_KEY, instead of with API_KEY for its own.",
            valueName: "id"
        )
    )
    var org: String?

    func client(in session: Session) throws(CommandFailure) -> APIClient {
        try session.client(for: self.org)
    }

    func validate() throws {
        guard let org else { return }
        // It stands in a header.
        guard !org.isEmpty, org.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw ValidationError("--org must be the id of an organization, as herald orgs list shows it.")
        }
    }
}
