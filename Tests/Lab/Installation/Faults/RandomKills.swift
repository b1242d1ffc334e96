import Foundation
import TestClient

/// Kills programs at random moments, one after the other, as the seed says.
package struct RandomKills: Sendable {
    package enum Victim: Sendable {
        case process(String)
        /// All of it: it is away for up to half a second, in which another process may be killed too.
        case postgres(PrivatePostgres)

        /// The program, for counting.
        package var kind: String {
            switch self {
            case .process(let name): name.split(separator: "-").dropLast().joined(separator: "-")
            case .postgres: "Postgres"
            }
        }
    }

    package let processes: ProcessGroup
    /// One that stands here more often is killed more often.
    package let victims: [Victim]
    /// Milliseconds between two kills.
    package let pauses: ClosedRange<Int>

    package init(processes: ProcessGroup, victims: [Victim], pauses: ClosedRange<Int>) {
        self.processes = processes
        self.victims = victims
        self.pauses = pauses
    }

    /// Kills until the time is over, or the task is cancelled, and leaves everything running.
    ///
    /// - Returns: how many processes of each program it killed.
    package func run(for duration: Duration) async throws -> [String: Int] {
        var generator = SeededGenerator(purpose: 1)
        var counts: [String: Int] = [:]
        let end = ContinuousClock.now + duration
        while true {
            try? await pause(.milliseconds(Int.random(in: self.pauses, using: &generator)))
            guard !Task.isCancelled, ContinuousClock.now < end,
                let victim = self.victims.randomElement(using: &generator)
            else {
                return counts
            }
            counts[victim.kind, default: 0] += 1
            switch victim {
            case .process(let name):
                await self.processes.kill(name)
            case .postgres(let server):
                try await server.kill()
                try await pause(.milliseconds(Int.random(in: 0...250, using: &generator)))
                // Outcomes that can not be told wait in the journal of the one that is killed now.
                if case .process(let name)? = self.victims.randomElement(using: &generator) {
                    counts[Victim.process(name).kind, default: 0] += 1
                    await self.processes.kill(name)
                }
                try await pause(.milliseconds(Int.random(in: 0...250, using: &generator)))
                try await server.start()
            }
        }
    }
}

extension [String: Int] {
    /// For a test's line of figures: `3 of messaging-service, 12 of outbound-worker`.
    package var killsText: String {
        self.isEmpty
            ? "none" : self.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }.joined(separator: ", ")
    }
}
