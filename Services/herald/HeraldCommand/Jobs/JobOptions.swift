import ArgumentParser
import Shared

/// How long a command stays with the job that it starts.
struct JobOptions: ParsableArguments {
    @Flag(help: "Do not wait for the end of the job; herald jobs show follows it.")
    var noWait = false

    /// Shows the job that has been started: its end, or its start where nobody waits.
    func show(_ job: APIAnswer, from client: APIClient, as output: OutputOptions, in session: Session) async throws {
        guard !self.noWait else {
            try output.show(job, from: client, in: session) { KeyValueList.text($0) }
            return
        }
        guard let id = job.json?["id"]?.string else { throw client.foreign(job) }
        try await FollowJob(client: client, id: id)(from: job, as: output, in: session)
    }
}
