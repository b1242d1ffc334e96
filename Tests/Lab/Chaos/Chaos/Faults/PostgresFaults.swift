import Foundation
import Installation
import TestClient

/// Faults of the database's server, one at a time: the disk's lane and its own must not start it twice.
actor PostgresFaults {
    private let server: PrivatePostgres
    private var chance: SeededGenerator
    private var coming: Task<Void, any Error>?

    private static let patience: Duration = .seconds(90)

    init(server: PrivatePostgres, seed: UInt64) {
        self.server = server
        self.chance = SeededGenerator(seed: seed, purpose: 3)
    }

    func callAsFunction(_ fault: PostgresFault) async throws {
        switch fault {
        case .killAll(let away):
            try await self.server.kill()
            try await pause(away)
            try await self.comeBack()
        case .stopImmediately(let away):
            await self.server.stopImmediately()
            try await pause(away)
            try await self.comeBack()
        case .killOne:
            if let victim = try await self.server.connectionProcesses().randomElement(using: &self.chance) {
                _ = Glibc.kill(victim, SIGKILL)
            }
        case .endConnections: try? await self.server.endConnections()
        case .stop(let length):
            await self.server.signal(SIGSTOP)
            try? await pause(length)
            await self.server.signal(SIGCONT)
            try Task.checkCancellation()
        }
    }

    /// Starts the server where it is not running, however often that takes: its disk may be full, or it is killed meanwhile.
    ///
    /// Whoever asks while that goes on waits for the same start.
    func comeBack() async throws {
        if let coming { return try await coming.value }
        let server = self.server
        let task = Task {
            await server.signal(SIGCONT)
            _ = try await timeUntil(Self.patience, every: .milliseconds(200)) {
                do {
                    try await server.startIfEnded()
                    return true
                } catch is Unusable {
                    return false
                }
            }
        }
        self.coming = task
        defer { self.coming = nil }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
