import ArgumentParser

/// `herald webhooks`.
struct WebhooksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "What providers posted, and passing it on once more.",
        subcommands: [ListWebhooks.self, ShowWebhook.self, ReplayWebhooks.self, BackfillAccount.self]
    )
}
