import ArgumentParser
import Foundation
import Installation
import TestClient

extension Lab {
    /// Starts everything, runs `body`, and ends everything, whatever happened.
    ///
    /// - Parameters:
    ///   - bin: the folder of the programs; the one of this program when nil.
    ///   - scenarios: what is measured, which decides how much room is needed.
    ///   - sizes: how much of it.
    ///   - progress: is told what takes long.
    ///   - body: what to measure.
    /// - Returns: what `body` returns.
    /// - Throws: `LoadFailure` when something is missing or does not start.
    static func run<Value: Sendable>(
        bin: String?,
        scenarios: [ScenarioName] = [],
        sizes: Sizes,
        progress: Progress,
        _ body: (Lab) async throws -> Value
    ) async throws -> Value {
        let programs = Programs(in: try Requirements.binaries(bin))
        try Requirements(programs: programs, scenarios: scenarios, sizes: sizes).check()
        progress.say("starting Postgres, and the services of \(programs.folder.path())")
        do {
            return try await withPrivatePostgres(.measured, migratedBy: programs) { postgres, databases in
                try await withProcesses { processes in
                    let folder = FileManager.default.temporaryDirectory.appending(path: "herald-load-\(UUID())").path()
                    defer { try? FileManager.default.removeItem(atPath: folder) }
                    let stub = try await self.startStub(of: programs, in: folder, among: processes)
                    let plan = self.plan(programs, stub: stub)
                    return try await withRunningInstallation(plan, databases: databases) { installation in
                        try await self.connected(to: installation, stub, postgres, sizes, progress, body)
                    }
                }
            }
        } catch let unusable as Unusable {
            throw LoadFailure(unusable.description)
        }
    }

    /// One process of each service and one worker, which send to `stub`.
    private static func plan(_ programs: Programs, stub: String) -> InstallationPlan {
        var plan = InstallationPlan(workers: 1, workerSlots: LabWorker.usualSlots, logLevel: "error")
        plan.programs = programs
        plan.replicas = [.a]
        plan.settings = ["WHATSAPP_API_URL": "\(stub)/v25.0", "TWILIO_API_URL": stub]
        return plan
    }

    /// The stub as a process of its own, as in a deployment of others: its work is not this program's.
    private static func startStub(
        of programs: Programs,
        in folder: String,
        among processes: ProcessGroup
    ) async throws -> String {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let port = try FreePort.find()
        let words = [
            try programs.path(of: "provider-stub"), "--port", "\(port)", "--ledger", "\(folder)/ledger.jsonl",
            "--callbacks", "none",
        ]
        try await processes.start(
            "provider-stub",
            .untilDeath(words, environment: ["PATH": "/usr/bin:/bin"], log: "\(folder)/provider-stub.log")
        )
        let url = "http://127.0.0.1:\(port)"
        let took = try await LoadClient.with(url, connections: 1) { client in
            try await timeUntil(.seconds(30)) { (try? await client.get("/control/stats"))?.status == 200 }
        }
        guard took != nil else {
            throw LoadFailure("provider-stub does not answer on port \(port).")
        }
        return url
    }

    private static func connected<Value: Sendable>(
        to installation: Installation,
        _ stub: String,
        _ postgres: PrivatePostgres,
        _ sizes: Sizes,
        _ progress: Progress,
        _ body: (Lab) async throws -> Value
    ) async throws -> Value {
        let ports = installation.ports
        return try await LoadClient.with(
            ports.url(ports.gateway),
            key: Installation.operatorKey,
            connections: Self.connections
        ) { api in
            try await LoadClient.with(ports.url(ports.inbound), connections: Self.connections) { inbound in
                try await LoadClient.with(stub, connections: Self.connections) { stub in
                    try await body(
                        Lab(
                            api: api,
                            inbound: inbound,
                            stub: StubClient(client: stub),
                            sizes: sizes,
                            progress: progress,
                            postgres: postgres,
                            installation: installation
                        )
                    )
                }
            }
        }
    }
}

extension TargetOptions {
    /// Measures a scenario in its short form.
    func measureShort(_ scenario: ScenarioName) async throws -> Verdict {
        var options = try MeasureOptions.parse(["--short"])
        options.bin = self.bin
        options.json = self.json
        return try await options.measure([scenario])
    }

    /// Runs `body` with the installation that the options name, or with one of its own where they name none.
    func withTarget<Value: Sendable>(
        stub: String? = nil,
        inbound: String? = nil,
        _ body: (NamedTarget) async throws -> Value
    ) async throws -> Value {
        guard self.url == nil else {
            var target = try self.named()
            target.stub = stub
            target.inbound = inbound
            return try await body(target)
        }
        return try await Lab.run(bin: self.bin, sizes: try Sizes.parse([]), progress: Progress()) { lab in
            let tenant = try await lab.newTenant()
            return try await body(
                NamedTarget(
                    url: lab.api.baseURL,
                    key: tenant.key,
                    stub: lab.stub.client.baseURL,
                    inbound: lab.inbound.baseURL
                )
            )
        }
    }
}
