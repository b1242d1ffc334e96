import ArgumentParser

/// `herald broadcasts`.
struct BroadcastsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broadcasts",
        abstract: "Broadcasts: one content for many recipients.",
        subcommands: [
            ListBroadcasts.self, ShowBroadcast.self, CreateBroadcast.self, PauseBroadcast.self, ResumeBroadcast.self,
            CancelBroadcast.self, RetryBroadcast.self, ListRecipients.self,
        ]
    )
}
