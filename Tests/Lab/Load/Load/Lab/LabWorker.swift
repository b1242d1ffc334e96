import Installation

/// The one worker of the lab.
struct LabWorker: Sendable {
    /// What a worker has when nothing is said.
    static let usualSlots = 256
    private static let name = WorkerPlan.number(1).name

    let lab: Lab

    /// Starts it anew with room for so many messages; nothing may be under way.
    func restart(slots: Int) async throws {
        let installation = self.lab.installation
        guard let command = await installation.processes.remove(Self.name) else {
            throw LoadFailure("The worker does not run.")
        }
        try await installation.processes.start(Self.name, command.with(["WORKER_SLOTS": "\(slots)"]))
        let url = installation.ports.url(installation.ports.firstWorker)
        let took = try await LoadClient.with(url, connections: 1) { client in
            try await timeUntil(.seconds(30)) { (try? await client.get("/readyz"))?.status == 200 }
        }
        guard took != nil else { throw LoadFailure("The worker did not start again.") }
    }
}

extension Command {
    fileprivate func with(_ settings: [String: String]) -> Command {
        Command(words: self.words, environment: self.environment.merging(settings) { $1 }, log: self.log)
    }
}
