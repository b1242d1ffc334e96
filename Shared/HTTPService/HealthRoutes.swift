import HTTPTypes
package import Hummingbird
import NIOCore
import Shared

/// `/healthz`: the process is alive; `/readyz`: what it needs is there too.
///
/// Both answer without a token, and tell names only.
package struct HealthRoutes: Sendable {
    /// One thing that the service needs; it throws when that is not there.
    package struct Check: Sendable {
        package let name: String
        package let run: @Sendable () async throws -> Void

        package init(_ name: String, run: @escaping @Sendable () async throws -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// A check that takes longer has failed: who asks waits 5 seconds at most.
    package static let checkLimit: Duration = .seconds(2)

    private let checks: [Check]
    private let clock: any Clock<Duration>

    package init(_ checks: [Check] = [], clock: any Clock<Duration> = ContinuousClock()) {
        self.checks = checks
        self.clock = clock
    }

    package func add(to router: some RouterMethods<some RequestContext>) {
        router.get("/healthz") { _, _ in RawJSON(Array(#"{"status":"ok"}"#.utf8)) }
        router.get("/readyz") { _, _ in await self.ready() }
    }

    private func ready() async -> RawJSON {
        let failing = await withTaskGroup(of: (String, Failure?).self) { tasks in
            for check in self.checks {
                tasks.addTask { (check.name, await self.failure(of: check)) }
            }
            var failing: [String: Failure] = [:]
            for await (name, failure) in tasks { failing[name] = failure }
            return failing
        }
        guard !failing.isEmpty else { return RawJSON(Array(#"{"status":"ok"}"#.utf8)) }
        var body: JSONObject = [
            "status": "unavailable", "failing": .array(failing.keys.sorted().map { .string($0) }),
        ]
        let reasons = failing.sorted { $0.key < $1.key }.compactMap(\.value.reason)
        if !reasons.isEmpty { body["reasons"] = .array(reasons.map { .string($0) }) }
        return RawJSON(JSONValue.object(body).bytes, status: .serviceUnavailable, headers: [.retryAfter: "1"])
    }

    private struct Failure: Sendable {
        let reason: String?
    }

    /// Does not wait for a check that does not even end when it is cancelled, as a call into C may.
    private func failure(of check: Check) async -> Failure? {
        let (results, continuation) = AsyncStream.makeStream(of: Failure?.self)
        let run = Task {
            do {
                try await check.run()
                continuation.yield(nil)
            } catch {
                continuation.yield(Failure(reason: (error as? UnreadyReason)?.sentence))
            }
        }
        let limit = Task {
            try? await self.clock.sleep(for: Self.checkLimit)
            continuation.yield(Failure(reason: nil))
        }
        let failure = await results.first { _ in true } ?? Failure(reason: nil)
        run.cancel()
        limit.cancel()
        return failure
    }
}

/// Why a service can not work, in a sentence that `/readyz` shows.
package struct UnreadyReason: Error {
    package let sentence: String

    package init(_ sentence: String) {
        self.sentence = sentence
    }
}
