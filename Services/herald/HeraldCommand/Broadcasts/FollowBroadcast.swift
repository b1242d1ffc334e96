import Shared

/// Stays with a broadcast until it is done, paused or cancelled, and says on standard error how far it is.
struct FollowBroadcast {
    /// Between two looks at first.
    private static let firstPause: Duration = .milliseconds(200)
    /// Between two looks later.
    private static let longestPause: Duration = .seconds(2)

    let client: APIClient
    let id: String

    /// - Returns: the broadcast at its end.
    func callAsFunction(in session: Session) async throws -> APIAnswer {
        try await self.follow(warn: session.context.warn, on: session.context.clock)
    }

    private func follow<C: Clock<Duration>>(warn: (String) -> Void, on clock: C) async throws -> APIAnswer {
        let calls = BroadcastCalls(id: self.id)
        var (pause, told) = (Self.firstPause, "")
        while true {
            let answer = try await self.client(calls.show)
            guard let broadcast = answer.json, let status = broadcast["status"]?.string else {
                throw self.client.foreign(answer)
            }
            let progress = BroadcastText.progress(of: broadcast)
            if progress != told { warn(progress) }
            told = progress
            guard status == "running" || status == "scheduled" else { return answer }
            try await clock.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
