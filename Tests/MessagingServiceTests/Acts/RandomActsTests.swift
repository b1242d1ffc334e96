import Foundation
import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Whatever is done to messages, in any order: the service answers and stores what a model of them says.
@Suite(.messaging, .timeLimit(.minutes(5))) struct RandomActsTests {
    /// Twelve, or the one of `HERALD_SEED`; a failure names its own.
    private static let seeds =
        ProcessInfo.processInfo.environment["HERALD_SEED"].flatMap { UInt64($0) }.map { [$0] }
        ?? (0..<12).map { _ in UInt64.random(in: 1...999_999) }

    @Test(arguments: Self.seeds) func theServiceDoesWhatTheModelSays(seed: UInt64) async throws {
        var run = try await RandomRun(seed: seed)
        for step in 1...200 {
            try await run.step()
            if step % 10 == 0 { try await run.check() }
        }
        try await run.drain()
    }
}
