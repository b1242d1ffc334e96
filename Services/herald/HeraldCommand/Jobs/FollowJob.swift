import Shared

/// Stays with a job until it is done, says on standard error how far it is, and shows its end.
struct FollowJob {
    /// Between two looks at first: most jobs are over by then.
    private static let firstPause: Duration = .milliseconds(100)
    /// Between two looks later, when the job has much to do.
    private static let longestPause: Duration = .seconds(2)

    let client: APIClient
    let id: String

    var path: String { "/api/v1/jobs/\(APIRequest.encode(self.id))" }

    /// - Throws: `CommandFailure.partlyRefused` when the job was refused some of its messages.
    func callAsFunction(from job: APIAnswer, as output: OutputOptions, in session: Session) async throws {
        let end: APIAnswer
        do {
            end = try await self.end(from: job, warn: session.context.warn, on: session.context.clock)
        } catch {
            session.context.warn("herald: The job goes on: herald jobs show \(PlainText.of(self.id)) --wait\n")
            throw error
        }
        try output.show(end, from: self.client, in: session) { KeyValueList.text($0) }
        guard end.json?["refused"]?.int ?? 0 == 0 else { throw CommandFailure.partlyRefused }
    }

    private func end<C: Clock<Duration>>(
        from job: APIAnswer,
        warn: (String) -> Void,
        on clock: C
    ) async throws -> APIAnswer {
        var answer = job
        var pause = Self.firstPause
        var told = ""
        while true {
            guard let job = answer.json, let status = job["status"]?.string else { throw self.client.foreign(answer) }
            guard status == "running" else { return answer }
            let progress = Self.progress(of: job)
            if progress != told { warn(progress) }
            told = progress
            try await clock.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
            answer = try await self.client(.get(self.path))
        }
    }

    /// `herald: retry: 1200 of 5000 messages, 3 refused`.
    static func progress(of job: JSONValue) -> String {
        let total = job["total"]?.int.map { " of \($0)" } ?? ""
        let refused = job["refused"]?.int ?? 0
        let action = PlainText.of(job["action"]?.string ?? "job")
        return "herald: \(action): \(job["processed"]?.int ?? 0)\(total) messages"
            + (refused > 0 ? ", \(refused) refused" : "") + "\n"
    }
}
