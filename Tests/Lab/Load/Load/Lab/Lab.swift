import Foundation
import Installation
import NIOCore
import Postgres

/// An installation of ours, started for measurements: a Postgres, the six services, one worker and the stub.
struct Lab: Sendable {
    /// With the operator's key.
    let api: LoadClient
    let inbound: LoadClient
    let stub: StubClient
    let sizes: Sizes
    let progress: Progress
    let postgres: PrivatePostgres
    let installation: Installation

    /// Connections of each client: as many as any loop has requests under way at most times.
    static let connections = 1024

    func newTenant(rate: Double = 10_000) async throws(LoadFailure) -> Tenant {
        try await MakeTenant(client: self.api)(rate: rate)
    }

    /// Connects as one whom no row is hidden from.
    func database(_ name: String) async throws(PostgresError) -> PostgresConnection {
        try await PostgresConnection(self.postgres.url(database: name, role: "postgres"))
    }

    /// Runs `body` while nothing is sent, and returns when all that `tenants` have queued by then has been.
    func whilePaused<Value>(_ tenants: Tenant..., body: () async throws -> Value) async throws -> Value {
        try await self.pause()
        let value = try await body()
        try await self.resume()
        try await self.settle(tenants)
        return value
    }

    func pause() async throws(LoadFailure) { try await self.command("/api/v1/queue/pause") }

    func resume() async throws(LoadFailure) { try await self.command("/api/v1/queue/continue") }

    /// Waits until none of these has anything queued, for as long as it becomes less.
    func settle(_ tenants: [Tenant]) async throws {
        let database = try await self.database("messaging")
        let ids = tenants.map(\.id)
        var least = Int.max
        var quiet = 0
        while true {
            let rows = try await database.query(
                "SELECT count(*) AS left FROM outbox WHERE org_id = ANY (\(ids)::uuid[])"
            )
            let left = try rows.first?.get("left", as: Int.self) ?? 0
            guard left > 0 else { break }
            quiet = left < least ? 0 : quiet + 1
            least = min(left, least)
            guard quiet < Self.patience else {
                throw LoadFailure("\(left) messages stay in the queue; HERALD_KEEP=1 keeps the logs.")
            }
            try await Task.sleep(for: Self.look)
        }
        await database.close()
    }

    /// Between two looks at the queue, and how many without a change are too many: 60 s.
    private static let look = Duration.milliseconds(200)
    private static let patience = 300

    private func command(_ path: String) async throws(LoadFailure) {
        let answer = try await self.api.post(path, ByteBuffer(string: "{}"))
        guard answer.status == 200 else {
            throw LoadFailure("\(path) is answered \(answer.status): \(answer.explanation)")
        }
    }
}
