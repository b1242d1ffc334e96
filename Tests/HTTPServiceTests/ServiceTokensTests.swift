import HTTPService
import Shared
import Synchronization
import Testing

private let secret = "0123456789abcdef0123456789abcdef"

/// A clock that stands still until it is told.
private final class StillClock: Sendable {
    private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

    @Sendable func now() -> Timestamp { self.time.withLock { $0 } }

    func advance(_ duration: Duration) {
        self.time.withLock { $0 = $0 + duration }
    }
}

@Suite struct ServiceTokensTests {
    private let clock = StillClock()

    @Test func aTokenNamesItsService() async throws {
        let tokens = try await ServiceTokens(secret: secret, now: self.clock.now)
        for service in ServiceName.allCases {
            #expect(try await tokens.verify(tokens.issue(as: service)) == service)
        }
    }

    @Test func aTokenIsUsedUntilAMinuteBeforeItsEnd() async throws {
        let tokens = try await ServiceTokens(secret: secret, now: self.clock.now)
        let first = try await tokens.issue(as: .apiGateway)
        self.clock.advance(.seconds(239))
        #expect(try await tokens.issue(as: .apiGateway) == first)
        self.clock.advance(.seconds(2))
        #expect(try await tokens.issue(as: .apiGateway) != first)
    }

    /// Verified before or not: what is remembered must not live longer.
    @Test(arguments: [false, true]) func aTokenEndsAnHourAfterItsExpiry(isRemembered: Bool) async throws {
        let tokens = try await ServiceTokens(secret: secret, now: self.clock.now)
        let token = try await tokens.issue(as: .apiGateway)
        if isRemembered { _ = try await tokens.verify(token) }
        self.clock.advance(.seconds(300 + 3599))
        let other = try await ServiceTokens(secret: secret, now: self.clock.now)
        #expect(try await other.verify(token) == .apiGateway)
        self.clock.advance(.seconds(2))
        await #expect(throws: Problem.unauthorized) { try await tokens.verify(token) }
        await #expect(throws: Problem.unauthorized) { try await other.verify(token) }
    }

    @Test func anotherSecretIsRefused() async throws {
        let tokens = try await ServiceTokens(secret: secret, now: self.clock.now)
        let other = try await ServiceTokens(secret: String(secret.reversed()), now: self.clock.now)
        let token = try await other.issue(as: .apiGateway)
        await #expect(throws: Problem.unauthorized) { try await tokens.verify(token) }
    }

    /// `{"alg":"none"}` with a payload that would be valid.
    @Test func anUnsignedTokenIsRefused() async throws {
        let tokens = try await ServiceTokens(secret: secret, now: self.clock.now)
        let payload = try await tokens.issue(as: .apiGateway).split(separator: ".")[1]
        await #expect(throws: Problem.unauthorized) { try await tokens.verify("eyJhbGciOiJub25lIn0.\(payload).") }
    }

    @Test func aShortSecretIsAConfigurationFault() async {
        await #expect(throws: ConfigFailure.self) { try await ServiceTokens(secret: String(secret.dropLast())) }
    }
}
