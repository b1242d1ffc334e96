import ArgumentParser

/// `herald queue`.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "The queue of unfinished messages.",
        subcommands: [
            ShowQueue.self, MonitorQueue.self, PauseQueue.self, ContinueQueue.self, RestartWorkers.self,
        ]
    )
}
