import ArgumentParser

/// `herald orgs`.
struct OrgsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orgs",
        abstract: "Organizations: the tenants of this installation.",
        subcommands: [CreateOrg.self, ListOrgs.self, ShowOrg.self, EditOrg.self]
    )
}
