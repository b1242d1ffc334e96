package import ArgumentParser

/// The root of the command line; each command has a file of its own.
package struct HeraldCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "herald",
        abstract: "Sends messages with Herald, and shows what became of them.",
        discussion: """
            Reads API_URL and API_KEY, and OPERATOR_KEY for what manages organizations, from the environment, or from the \
            file .herald/env of this directory or one above it.

            Examples:
              herald status
              herald send --to +15550000001 --channel sandbox --body "Hello" --wait
              herald messages list --status failed,skipped
              herald messages show 019aa5e0-0000-7000-8000-000000000000
              herald failed retry --all
              herald queue monitor

            On a terminal you get tables; with --json, or when the output goes elsewhere, the API's own JSON.

            Exit codes: 0 done; 1 refused by the API, some of several messages too, or the awaited message failed, or \
            the question was not answered with yes; 2 wrong use; 3 the API was not reached; 4 still unfinished after \
            --wait.
            """,
        subcommands: [
            OrgsCommand.self, KeysCommand.self, AccountsCommand.self, SendMessage.self, MessagesCommand.self,
            TemplatesCommand.self, BroadcastsCommand.self,
            CustomersCommand.self, ConversationsCommand.self, FailedCommand.self, ScheduledCommand.self,
            JobsCommand.self,
            QueueCommand.self,
            ClockCommand.self, WebhooksCommand.self, AuditCommand.self, RestoreCommand.self, ConfigCommand.self,
            ShowStatus.self,
        ]
    )

    package init() {}
}
