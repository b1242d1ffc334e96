import ArgumentParser

/// `herald orgs`.
struct OrgsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orgs",
        abstract: "Organizations: the tenants of this installation. Needs OPERATOR_KEY.",
        subcommands: [CreateOrg.self, ListOrgs.self]
    )
}
