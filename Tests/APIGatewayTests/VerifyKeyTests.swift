import APIGateway
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

/// Verification over a source in memory that counts how often it is asked.
@Suite(.timeLimit(.minutes(5))) struct VerifyKeyTests {
    private let clock = TestTime()
    private let pepper: KeyPepper
    private let token = KeyToken.make(.new(), mode: .live)
    private let source = Source()

    init() throws {
        self.pepper = try KeyPepper(String(repeating: "p", count: 32))
        self.source.set(self.record())
    }

    private final class Source: Sendable {
        struct State {
            var reads = 0
            var record: KeyRecord?
            var isDown = false
        }

        private let state = Mutex(State())

        var reads: Int { self.state.withLock { $0.reads } }
        func set(_ record: KeyRecord?) { self.state.withLock { $0.record = record } }
        func stop() { self.state.withLock { $0.isDown = true } }

        func read(_ id: APIKeyID) throws -> KeyRecord? {
            try self.state.withLock { state in
                state.reads += 1
                if state.isDown { throw Problem.unavailable }
                return state.record?.id == id ? state.record : nil
            }
        }
    }

    private func record(
        mode: KeyMode = .live,
        expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) -> KeyRecord {
        KeyRecord(
            id: self.token.id,
            orgID: .new(),
            scopes: .everything,
            mode: mode,
            secretMAC: self.pepper.mac(of: self.token),
            expiresAt: expiresAt,
            revokedAt: revokedAt,
            org: OrgState(isSuspended: false, isSandbox: false)
        )
    }

    private var verify: VerifyKey {
        let source = self.source
        let keys = KeyDirectory(time: self.clock.time, readKey: { try source.read($0) }, readOrg: { _ in nil })
        return VerifyKey(pepper: self.pepper, keys: keys, time: self.clock.time)
    }

    @Test func aRightKeyIsItsRecord() async throws {
        #expect(try await self.verify(self.token.text).id == self.token.id)
    }

    @Test func aWrongChecksumAsksNobody() async throws {
        let last = self.token.text.last == "0" ? "1" : "0"
        await #expect(throws: Problem.unauthorized) { try await self.verify(self.token.text.dropLast() + last) }
        #expect(self.source.reads == 0)
    }

    @Test func anotherSecretOfAKnownIDIsRefused() async throws {
        let forged = KeyToken.make(self.token.id, mode: .live)
        await #expect(throws: Problem.unauthorized) { try await self.verify(forged.text) }
    }

    @Test func anUnknownIDIsRefused() async throws {
        await #expect(throws: Problem.unauthorized) { try await self.verify(KeyToken.make(.new(), mode: .live).text) }
    }

    @Test func aKeyInAnotherModeIsRefused() async throws {
        self.source.set(self.record(mode: .test))
        await #expect(throws: Problem.unauthorized) { try await self.verify(self.token.text) }
    }

    @Test func anExpiredKeyIsRefusedFromItsMoment() async throws {
        self.source.set(self.record(expiresAt: self.clock.time.now() + .milliseconds(100)))
        let verify = self.verify
        _ = try await verify(self.token.text)
        self.clock.advance(by: .milliseconds(100))
        await #expect(throws: Problem.unauthorized) { try await verify(self.token.text) }
    }

    @Test func aRevokedKeyIsRefusedWithinASecond() async throws {
        let verify = self.verify
        _ = try await verify(self.token.text)
        self.source.set(self.record(revokedAt: self.clock.time.now()))
        self.clock.advance(by: .milliseconds(1000))
        await #expect(throws: Problem.unauthorized) { try await verify(self.token.text) }
    }

    @Test func manyRequestsReadOnce() async throws {
        let verify = self.verify
        try await withThrowingTaskGroup { tasks in
            for _ in 0..<1000 { tasks.addTask { _ = try await verify(self.token.text) } }
            try await tasks.waitForAll()
        }
        #expect(self.source.reads == 1)
    }

    @Test func aBusyKeyIsReadAgainWhileItServes() async throws {
        let verify = self.verify
        _ = try await verify(self.token.text)
        self.clock.advance(by: .milliseconds(499))
        _ = try await verify(self.token.text)
        #expect(self.source.reads == 1)
        self.clock.advance(by: .milliseconds(1))
        _ = try await verify(self.token.text)
        try await eventually { self.source.reads == 2 }
    }

    @Test func withoutTheSourceAKnownKeyServesForItsSecondOnly() async throws {
        let verify = self.verify
        _ = try await verify(self.token.text)
        self.source.stop()
        self.clock.advance(by: .milliseconds(999))
        _ = try await verify(self.token.text)
        self.clock.advance(by: .milliseconds(1))
        await #expect(throws: Problem.unavailable) { try await verify(self.token.text) }
    }
}
