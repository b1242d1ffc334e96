import Foundation
import Installation
import ProviderStub
import Shared
import Subprocess
import TestSupport
import Testing

extension Engine {
    /// A server that is restored to an earlier moment while everything else goes on running.
    @Suite struct RestoreTests {
        private static let createsPerSecond: Double = Programs.current.areOptimized ? 100 : 20
        private static let load: Duration = TestForm.value(short: .seconds(3), long: .seconds(60))
        /// Waiting at the moment, and sent after it.
        private static let held = TestForm.value(short: 60, long: 2000)
        private static let since = TestForm.value(short: 40, long: 1000)

        @Test(.timeLimit(.minutes(20)))
        func nothingIsSentASecondTimeAfterARestore() async throws {
            try await withPrivatePostgres { postgres, databases in
                let plan = InstallationPlan(workers: 2, uncertainHold: 5)
                try await withInstallation(plan, databases: databases) { herald in
                    let backup = Backup(herald: herald, postgres: postgres)
                    try await backup.follow()
                    let tenant = try await herald.newTenant()
                    try await tenant.newWhatsAppAccount()
                    var known = try await self.load(tenant, from: 0) { try await backup.take() }
                    _ = try #require(try await tenant.drain(within: .seconds(60)))

                    // Queued at the moment that is restored to, and sent after it.
                    #expect(try await tenant.post("/api/v1/queue/pause", [:]).status == 200)
                    let held = try await tenant.create((0..<Self.held).map { textMessage(to: phone($0), "Held \($0)") })
                    known.formUnion(held)
                    let moment = try await backup.moment()
                    #expect(try await tenant.post("/api/v1/queue/continue", [:]).status == 200)
                    let since = try await tenant.create(
                        (0..<Self.since).map { textMessage(to: phone(10_000 + $0), "Since \($0)") }
                    )
                    let person = try await self.erase(phone(0), as: tenant)
                    _ = try #require(try await tenant.drain(within: .seconds(60)))
                    try await backup.noted(person)

                    let start = ContinuousClock.now
                    try await backup.restore(to: moment, around: postgres)
                    let during = try await self.expectNothingIsSent(herald, tenant)
                    known.insert(during)
                    let told = try await backup.reconcile()
                    let took: Duration? = start.duration(to: .now)
                    _ = try #require(try await tenant.drain(within: .seconds(60)))

                    let messages = try await tenant.allMessages()
                    let handed = herald.stub.handedOver
                    let lost = known.filter { messages[$0]?.isSent != true || !handed.ids.contains($0) }
                    let returned = try await tenant.get("/api/v1/customers/\(person)").status != 404
                    print(
                        "restore: \(known.count) acknowledged before the moment or since the restore,",
                        "\(since.count) between them; sent a second time \(handed.repeated.count), lost \(lost.count),",
                        "erased and back again \(returned ? 1 : 0), uncertain \(told["uncertain"]?.int ?? -1);",
                        "sending again \(took.text) after the server was stopped"
                    )
                    #expect(handed.repeated == [])
                    #expect(lost.isEmpty)
                    #expect(!returned)
                    #expect(told["fenced"] == false)
                    #expect(told["uncertain"] == 0)
                    let journals = told["journals"]?.array ?? []
                    #expect(journals.count == 2)
                    #expect(journals.allSatisfy { $0["whole"] == true })
                    #expect(journals.reduce(0) { $0 + ($1["learned"]?.int ?? 0) } >= Self.held)
                    #expect(journals.reduce(0) { $0 + ($1["unknown"]?.int ?? 0) } == since.count)
                }
            }
        }

        /// Creates at a steady rate, and does something meanwhile.
        ///
        /// - Returns: what was acknowledged.
        private func load(
            _ tenant: API,
            from first: Int,
            _ work: @escaping @Sendable () async throws -> Void
        ) async throws -> Set<String> {
            let acknowledged = Collected<String>()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask {
                    try await withOpenLoop(rate: Self.createsPerSecond, for: Self.load) { number in
                        acknowledged.add(try await tenant.create(textMessage(to: phone(first + number), "\(number)")))
                    }
                }
                tasks.addTask { try await work() }
                try await tasks.waitForAll()
            }
            return Set(acknowledged.elements)
        }

        private func erase(_ number: String, as tenant: API) async throws -> String {
            let found = try await tenant.get("/api/v1/customers?phone=\(number.dropFirst())")
            let id = try #require(found.json["data"]?[0]?["id"]?.string, "\(found.text)")
            let erase = try await tenant.post("/api/v1/customers/\(id)/erase", [:])
            let erasure = try #require(erase.json["id"]?.string, "\(erase.text)")
            let done = try await timeUntil(.seconds(30)) {
                try await tenant.get("/api/v1/erasures/\(erasure)").json["status"] == "done"
            }
            try #require(done != nil)
            return id
        }

        /// Requests are taken, and say why they wait.
        ///
        /// - Returns: the message that was created meanwhile.
        private func expectNothingIsSent(_ herald: Installation, _ tenant: API) async throws -> String {
            let before = herald.stub.ledger.entries.count
            let isFenced = try await timeUntil(.seconds(30)) {
                let answer = try? await API(url: herald.ports.url(herald.ports.firstWorker), key: nil).get("/readyz")
                return answer?.status == 503 && answer?.text.contains("restored") == true
            }
            #expect(isFenced != nil, "The worker does not say that it is fenced.")
            // At the moment it was paused: from here on it is the fence alone that holds everything up.
            let isContinued = try await timeUntil(.seconds(30)) {
                try await tenant.post("/api/v1/queue/continue", [:]).status == 200
            }
            #expect(isContinued != nil)
            let client = PersistentClient(api: tenant)
            let id = try await client.create(textMessage(to: phone(20_000), "During"), key: "during").id
            // Many times what a message needs.
            try await pause(.seconds(2))
            #expect(herald.stub.ledger.entries.count == before)
            #expect(try await tenant.status(of: id) == "queued")
            return id
        }
    }
}

/// `deploy/backup`, `deploy/restore` and `herald restore reconcile`, as an operator calls them.
private struct Backup: Sendable {
    let herald: Installation
    let postgres: PrivatePostgres

    private var folder: String { "\(self.herald.folder)/backup" }
    private var url: String { self.postgres.url(database: "postgres", role: "postgres") }

    func follow() async throws {
        try await self.herald.processes.start(
            "backup",
            .untilDeath(
                [Self.script("backup"), "--follow", "--url", self.url, "--to", self.folder],
                environment: ["PATH": "/usr/bin:/bin"],
                log: "\(self.herald.folder)/backup.log"
            )
        )
        let isFollowing = try await timeUntil(.seconds(20)) {
            let log = (try? String(contentsOfFile: "\(self.herald.folder)/backup.log", encoding: .utf8)) ?? ""
            return log.contains("Following the log")
        }
        guard isFollowing != nil else { throw Unusable("deploy/backup does not follow the log.") }
    }

    func take() async throws {
        try await runToEnd([Self.script("backup"), "--url", self.url, "--to", self.folder])
    }

    /// A moment with whole seconds, between what was committed before and what is after it.
    func moment() async throws -> String {
        try await pause(.milliseconds(1100))
        let moment = ISO8601DateFormatter().string(from: Date())
        try await pause(.milliseconds(1100))
        return moment
    }

    /// Waits until it is noted who was erased.
    func noted(_ customer: String) async throws {
        let isNoted = try await timeUntil(.seconds(20)) {
            let notes = (try? String(contentsOfFile: "\(self.folder)/erasures.jsonl", encoding: .utf8)) ?? ""
            return notes.contains(customer)
        }
        guard isNoted != nil else { throw Unusable("deploy/backup does not note who was erased.") }
    }

    func restore(to moment: String, around postgres: PrivatePostgres) async throws {
        await self.herald.processes.remove("backup")
        await postgres.stop()
        try await runToEnd([
            Self.script("restore"), "--to", moment, "--from", self.folder, "--data", postgres.data,
        ])
        try await postgres.start()
    }

    /// - Returns: what the command counted.
    func reconcile() async throws -> JSONValue {
        let settings = ["API_URL=\(self.herald.gateway.url)", "OPERATOR_KEY=\(Installation.operatorKey)"]
        let words = ["restore", "reconcile", "--json", "--erasures", "\(self.folder)/erasures.jsonl"]
        let answer = try await run(
            .name("env"),
            arguments: Arguments(["-i"] + settings + [try Programs.current.path(of: "herald")] + words),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16)
        )
        guard answer.terminationStatus.isSuccess else {
            throw Unusable("herald restore reconcile: \(answer.standardError)")
        }
        // Before it stands how many erasures were applied again.
        let last = answer.standardOutput.split(separator: "\n").last ?? ""
        return try JSONValue(parsing: Array(last.utf8))
    }

    private static func script(_ name: String) -> String {
        Repository.root.appending(path: "deploy/\(name)").path()
    }
}
