import NIOCore
import Postgres

/// What the machine does without us: the same server, and the same stub, with as little before them as can be.
struct MeasureLimits: Sendable {
    private static let commitConnections = 32
    private static let rowConnections = 4
    private static let stubConnections = 64
    private static let roundTrips = 200
    /// An organization and an account of nobody.
    private static let number = "100000000000"

    let lab: Lab

    func callAsFunction() async throws -> [LimitName: Double] {
        let measured: Duration = self.lab.sizes.form.value(full: .seconds(4), short: .seconds(2))
        try await self.makeTables()
        return [
            .commits: try await self.perSecond(Self.commitConnections, measured) { try CommitLimit.write($0) },
            .rows: try await self.perSecond(Self.rowConnections, measured) { try RowLimit.write($0) },
            .stub: try await self.stub(measured),
            .roundTrip: try await self.roundTrip(),
        ]
    }

    /// What all connections write in a second, each the next when the last is committed.
    private func perSecond(
        _ connections: Int,
        _ measured: Duration,
        _ write: @escaping @Sendable (isolated PostgresConnection) throws -> Int
    ) async throws -> Double {
        let end = ContinuousClock.now + measured
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    let connection = try await self.lab.database(LimitTables.database)
                    // On its own thread, which may block.
                    let count = try await connection.run { connection in
                        var count = 0
                        while ContinuousClock.now < end { count += try write(connection) }
                        return count
                    }
                    await connection.close()
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(written) / (measured / .seconds(1))
    }

    private func stub(_ measured: Duration) async throws -> Double {
        let loop = ClosedLoop(connections: Self.stubConnections, expected: SendToStub.accepted)
        let tally = await loop(self.send, warmUp: .milliseconds(500), measured: measured)
        guard tally.outcomes.isAsExpected else { throw LoadFailure("The stub answers \(tally.outcomes.rows).") }
        return Double(tally.latencies.count) / (measured / .seconds(1))
    }

    /// In milliseconds: the median of a commit and a request, one after the other.
    private func roundTrip() async throws -> Double {
        let connection = try await self.lab.database(LimitTables.database)
        var samples = Samples()
        for number in 0..<Self.roundTrips {
            let start = ContinuousClock.now
            _ = try await connection.run { try CommitLimit.write($0) }
            _ = try await self.send(number)
            samples.append(ContinuousClock.now - start)
        }
        await connection.close()
        return samples.percentiles?.p50 ?? 0
    }

    private var send: SendToStub { SendToStub(client: self.lab.stub.client.with(key: "load"), account: Self.number) }

    private func makeTables() async throws {
        let server = try await self.lab.database("postgres")
        try await server.execute(script: "CREATE DATABASE \(LimitTables.database)")
        await server.close()
        let database = try await self.lab.database(LimitTables.database)
        try await database.execute(script: LimitTables.script)
        await database.close()
    }
}

/// Hands a message to the stub as the worker does, without anything before it.
struct SendToStub: LoadRequest {
    static let accepted = 200

    let client: LoadClient
    let account: String

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let body = """
            {"messaging_product":"whatsapp","recipient_type":"individual","to":"4915\(10_000_000 + number)","type":"text",\
            "text":{"body":"Your parcel arrives today between 14:00 and 16:00."}}
            """
        return try await self.client.post("/v25.0/\(self.account)/messages", ByteBuffer(string: body))
    }
}
