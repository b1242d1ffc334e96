import ArgumentParser

/// `herald audit`.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "The audit trail: who did what, and whether it is whole.",
        subcommands: [ListAudit.self, VerifyAudit.self]
    )
}
