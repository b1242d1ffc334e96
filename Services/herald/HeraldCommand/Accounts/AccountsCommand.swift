import ArgumentParser

/// `herald accounts`.
struct AccountsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "Channel accounts: through which provider and number messages go.",
        subcommands: [
            CreateAccount.self, ListAccounts.self, ShowAccount.self, EditAccount.self, ParkAccount.self,
            ResumeAccount.self, CheckAccount.self, DeleteAccount.self,
        ]
    )
}
