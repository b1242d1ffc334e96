import Foundation
import JWTKit
package import Shared
import Synchronization

/// Issues and verifies the tokens with which services call each other.
///
/// A token says which service calls and ends after 5 minutes; a clock that is off by up to an hour does not matter.
package final class ServiceTokens: Sendable {
    private static let lifetime: TimeInterval = 5 * 60
    /// A token this close to its end is replaced: longer than any call takes.
    private static let renewal: TimeInterval = 60
    /// Machines of one installation may disagree by this much.
    private static let leeway: TimeInterval = 60 * 60
    /// Verified tokens that are remembered: each caller has a new one every 4 minutes and all are used for an hour at most.
    private static let mostRemembered = 4096

    private let keys: JWTKeyCollection
    private let now: @Sendable () -> Date
    private let issued = Mutex<[ServiceName: Token]>([:])
    private let verified = Mutex<[String: Verified]>([:])

    private struct Token {
        let text: String
        let expires: Date
    }

    private struct Verified {
        let service: ServiceName
        let expires: Date
    }

    /// - Parameters:
    ///   - secret: shared by all services: at least 32 bytes of random text; with less jwt-kit would trap, in debug builds only.
    ///   - now: the clock.
    /// - Throws: `ConfigFailure` for a short secret.
    package init(secret: String, now: @escaping @Sendable () -> Timestamp = { .now }) async throws(ConfigFailure) {
        guard secret.utf8.count >= 32 else {
            throw ConfigFailure(key: "SERVICE_TOKEN_SECRET", reason: "has less than 32 bytes")
        }
        self.keys = JWTKeyCollection()
        self.now = { now().date }
        await self.keys.add(hmac: .init(from: secret), digestAlgorithm: .sha256)
    }

    /// A token of `service`, the same one until a minute before its end.
    package func issue(as service: ServiceName) async throws -> String {
        let now = self.now()
        let held = self.issued.withLock { $0[service] }
        if let held, held.expires.timeIntervalSince(now) > Self.renewal { return held.text }
        let expires = now.addingTimeInterval(Self.lifetime)
        let text = try await self.keys.sign(
            Payload(
                iss: .init(value: service.rawValue),
                aud: .init(value: Payload.audience),
                exp: .init(value: expires)
            )
        )
        self.issued.withLock { $0[service] = Token(text: text, expires: expires) }
        return text
    }

    /// Which service a token belongs to.
    ///
    /// - Throws: `Problem.unauthorized`, whatever the reason.
    package func verify(_ token: String) async throws(Problem) -> ServiceName {
        let now = self.now()
        if let known = self.verified.withLock({ $0[token] }), known.expires > now { return known.service }
        guard let payload = try? await self.keys.verify(token, as: Payload.self),
            payload.aud.value.contains(Payload.audience),
            let service = ServiceName(rawValue: payload.iss.value)
        else { throw .unauthorized }
        let expires = payload.exp.value.addingTimeInterval(Self.leeway)
        guard expires > now else { throw .unauthorized }
        self.remember(token, Verified(service: service, expires: expires), now: now)
        return service
    }

    private func remember(_ token: String, _ entry: Verified, now: Date) {
        self.verified.withLock { verified in
            if verified.count >= Self.mostRemembered {
                verified = verified.filter { $0.value.expires > now }
                if verified.count >= Self.mostRemembered { verified.removeAll() }
            }
            verified[token] = entry
        }
    }

    private struct Payload: JWTPayload {
        static let audience = "herald-internal"

        let iss: IssuerClaim
        let aud: AudienceClaim
        let exp: ExpirationClaim

        /// The times are checked by `verify(_:)`, which has the clock and the leeway.
        func verify(using algorithm: some JWTAlgorithm) throws {}
    }
}
