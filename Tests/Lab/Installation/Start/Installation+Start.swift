import Foundation
import ProviderStub
import TestClient

extension Installation {
    /// Starts everything, those that are called before those that call, and returns when all of it can work.
    package func start() async throws {
        self.stub.callbacks.setWhatsApp(
            WhatsAppWebhook(
                url: self.ports.url(self.ports.inbound) + "/webhooks/whatsapp",
                appSecret: Self.whatsAppSecret
            )
        )
        try await self.start("customer-service", port: self.ports.customers, ["POSTGRES_URL": self.url("customers")])
        try await self.start(
            "conversation-service",
            port: self.ports.conversations,
            ["POSTGRES_URL": self.url("conversations")]
        )
        for replica in self.plan.replicas {
            try await self.start(
                "messaging-service",
                as: replica.name,
                port: self.ports.messaging[replica] ?? 0,
                [
                    "POSTGRES_URL": self.url("messaging"), "ENGINE_POSTGRES_URL": self.url("messaging_engine"),
                    "ENGINE_UNCERTAIN_HOLD": "\(self.plan.uncertainHold)",
                ]
            )
        }
        try await self.start(
            "api-gateway",
            port: self.ports.gateway,
            ["POSTGRES_URL": self.url("gateway"), "INTERNAL_HTTP_PORT": "\(self.ports.watched)"]
        )
        try await self.start("inbound-gateway", port: self.ports.inbound, ["POSTGRES_URL": self.url("inbound")])
        try await self.startWorkers(self.plan.workers)
    }

    /// Starts workers on both hosts in turn.
    ///
    /// - Returns: their names among the processes.
    @discardableResult
    package func startWorkers(_ count: Int) async throws -> [String] {
        let plans = (0..<count).map { WorkerPlan.number($0 + 1) }
        for plan in plans { try await self.startWorker(plan) }
        return plans.map(\.name)
    }

    package func startWorker(_ worker: WorkerPlan) async throws {
        try await self.start(
            "outbound-worker",
            as: worker.name,
            port: worker.name == WorkerPlan.number(1).name ? self.ports.firstWorker : FreePort.find(),
            [
                "MESSAGING_URL": try await self.messagingURL(of: worker), "WORKER_NAME": worker.host,
                "WORKER_STATE_DIR": self.stateDirectory(ofHost: worker.host),
                "WORKER_SLOTS": "\(self.plan.workerSlots)",
            ]
        )
    }

    private func start(
        _ program: String,
        as name: String? = nil,
        port: Int,
        _ settings: [String: String]
    ) async throws {
        let name = name ?? program
        let common = try await self.commonSettings(of: program)
        let environment = [settings, ["HTTP_PORT": "\(port)"], self.plan.settingsOf[program] ?? [:]]
            .reduce(common) { $0.merging($1) { $1 } }
        try await self.processes.start(
            name,
            .untilDeath(
                [try self.plan.programs.path(of: program)],
                environment: environment,
                log: "\(self.folder)/\(name).log"
            )
        )
        let health = API(url: self.ports.url(port), key: nil)
        let took = try await timeUntil(.seconds(60)) { try await health.isReady() }
        guard took != nil else {
            throw Unusable("\(name) is not ready after 60 s; its log is \(self.folder)/\(name).log")
        }
    }

    private func messagingURL(of worker: WorkerPlan) async throws -> String {
        let replica = self.plan.replica(of: worker)
        let way = Way(from: "outbound-worker", to: replica.name)
        return self.ports.url(try await self.plan.route(way, self.ports.messaging[replica] ?? 0))
    }

    private func url(_ role: String) -> String { self.databases[role] ?? "" }

    private func commonSettings(of program: String) async throws -> [String: String] {
        func url(_ other: String, _ port: Int) async throws -> String {
            self.ports.url(try await self.plan.route(Way(from: program, to: other), port))
        }
        let provider = try await url("provider", self.stub.port)
        return [
            "PATH": "/usr/bin:/bin", "HTTP_HOST": "127.0.0.1",
            "LOG_LEVEL": self.plan.logLevel ?? ProcessInfo.processInfo.environment["LOG_LEVEL"] ?? "warning",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.plan.collectorURL ?? "",
            "SERVICE_TOKEN_SECRET": Self.serviceTokenSecret,
            "OPERATOR_KEY": Self.operatorKey,
            "KEY_PEPPER": Self.keyPepper,
            "MASTER_KEY": Self.masterKey,
            "CUSTOMERS_URL": try await url("customer-service", self.ports.customers),
            "CONVERSATIONS_URL": try await url("conversation-service", self.ports.conversations),
            "MESSAGING_URL": try await url(Replica.a.name, self.ports.messaging[.a] ?? 0),
            "INBOX_URL": try await url("inbound-gateway", self.ports.inbox),
            "INBOX_HTTP_PORT": "\(self.ports.inbox)",
            "PUBLIC_INBOUND_URL": self.ports.url(self.ports.inbound),
            "WHATSAPP_API_URL": "\(provider)/v25.0",
            "TWILIO_API_URL": provider,
            "EGRESS_ALLOW": "127.0.0.0/8",
        ].merging(self.plan.settings) { $1 }
    }
}
