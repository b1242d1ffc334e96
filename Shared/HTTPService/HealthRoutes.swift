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
        let failing = await withTaskGroup(of: (String, Bool).self) { tasks in
            for check in self.checks {
                tasks.addTask { (check.name, await self.passes(check)) }
            }
            var failing: [String] = []
            for await (name, passed) in tasks where !passed { failing.append(name) }
            return failing.sorted()
        }
        guard !failing.isEmpty else { return RawJSON(Array(#"{"status":"ok"}"#.utf8)) }
        let body: JSONValue = ["status": "unavailable", "failing": .array(failing.map { .string($0) })]
        return RawJSON(body.bytes, status: .serviceUnavailable, headers: [.retryAfter: "1"])
    }

    /// Does not wait for a check that does not even end when it is cancelled, as a call into C may.
    private func passes(_ check: Check) async -> Bool {
        let (results, continuation) = AsyncStream.makeStream(of: Bool.self)
        let run = Task { continuation.yield((try? await check.run()) != nil) }
        let limit = Task {
            try? await self.clock.sleep(for: Self.checkLimit)
            continuation.yield(false)
        }
        let passed = await results.first { _ in true } ?? false
        run.cancel()
        limit.cancel()
        return passed
    }
}
