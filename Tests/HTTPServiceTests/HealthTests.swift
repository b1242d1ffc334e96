import HTTPService
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Shared
import TestSupport
import Testing

private struct Down: Error {}

/// A clock on which every sleep is over at once.
private struct HastyClock: Clock {
    typealias Instant = ContinuousClock.Instant

    var now: Instant { .now }
    var minimumResolution: Duration { .zero }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {}
}

@Suite(.timeLimit(.minutes(5))) struct HealthTests {
    private func answer(_ path: String, _ health: HealthRoutes) async throws -> TestResponse {
        let tokens = try await ServiceTokens(secret: String(repeating: "s", count: 32))
        let router = makeInternalRouter(tokens: tokens, health: health)
        return try await Application(router: router, logger: .quiet).test(.router) { client in
            try await client.execute(uri: path, method: .get)
        }
    }

    @Test func aliveNeedsNoChecks() async throws {
        let answer = try await self.answer("/healthz", HealthRoutes([.init("db") { throw Down() }]))
        #expect(answer.status == .ok)
        #expect(String(buffer: answer.body) == #"{"status":"ok"}"#)
    }

    @Test func readyNamesWhatFails() async throws {
        let checks: [HealthRoutes.Check] = [.init("b") { throw Down() }, .init("ok") {}, .init("a") { throw Down() }]
        let answer = try await self.answer("/readyz", HealthRoutes(checks))
        #expect(answer.status == .serviceUnavailable)
        #expect(answer.headers[.retryAfter] == "1")
        #expect(String(buffer: answer.body) == #"{"status":"unavailable","failing":["a","b"]}"#)
    }

    @Test func readyIsReadyWhenNothingFails() async throws {
        #expect(try await self.answer("/readyz", HealthRoutes([.init("ok") {}])).status == .ok)
    }

    @Test func aCheckThatHangsHasFailed() async throws {
        let hanging = HealthRoutes.Check("slow") { try await ContinuousClock().sleep(for: .seconds(3600)) }
        let answer = try await self.answer("/readyz", HealthRoutes([hanging], clock: HastyClock()))
        #expect(String(buffer: answer.body).contains(#""failing":["slow"]"#))
    }
}
