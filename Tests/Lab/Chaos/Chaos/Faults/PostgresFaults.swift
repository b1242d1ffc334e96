import Foundation
import Installation
import TestClient

/// Faults of the database's server, one at a time: the disk's lane and its own must not start it twice.
actor PostgresFaults {
    private let server: PrivatePostgres
    private var chance: SeededGenerator

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

    /// Starts the server where it is not running; one that was full up may need a second try.
    func comeBack() async throws {
        await self.server.signal(SIGCONT)
        var failure: (any Error)?
        for _ in 0..<3 {
            do {
                return try await self.server.startIfEnded()
            } catch let error as Unusable {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
