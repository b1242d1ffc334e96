import APIGateway
import AsyncHTTPClient
import Configuration
import ConversationService
import CustomerService
import Foundation
import InboundGateway
import InternalAPI
import Logging
import MessagingService
import OutboundWorker
import ProviderStub
import ServiceLifecycle
import TestSupport

/// The six services in this process, each on a port and a database of its own, with a stub in the providers' place.
struct Platform: Sendable {
    static let operatorKey = "operator-key-of-the-tests"
    static let serviceTokenSecret = String(repeating: "service", count: 5)
    static let whatsAppSecret = "whatsapp-app-secret"
    static let twilioToken = "twilio-auth-token"

    let stub: RunningProviderStub
    let gateway: API
    /// Where providers' webhooks arrive, without a slash at the end.
    let inboundURL: String
    let messagingURL: String
    /// Where services call each other: customer-, conversation- and messaging-service, and the inbox.
    let internalURLs: [String]
    /// What the api-gateway answers.
    let routes: [APIGatewayApp.Route]
    let settings: Settings

    /// What the services of one installation have in common; starting them again with the same is a restart.
    struct Settings: Sendable {
        let databases: [String: String]
        var inboundPort: Int
        var inboxPort: Int
        let stubURL: String
        var stateDirectory: String
        var startsWorker = true
        var logger = Logger.quiet
        /// What they are started with in the place of the usual one.
        var masterKeys = ["MASTER_KEY": Data(repeating: 9, count: 32).base64EncodedString()]

        var values: [String: String] {
            [
                "SERVICE_TOKEN_SECRET": Platform.serviceTokenSecret,
                "OPERATOR_KEY": Platform.operatorKey,
                "KEY_PEPPER": String(repeating: "pepper", count: 6),
                "PUBLIC_INBOUND_URL": "http://127.0.0.1:\(self.inboundPort)",
                "INBOX_URL": "http://127.0.0.1:\(self.inboxPort)",
                "INBOX_HTTP_PORT": "\(self.inboxPort)",
                "WHATSAPP_API_URL": "\(self.stubURL)/v25.0",
                "TWILIO_API_URL": self.stubURL,
                "SENDGRID_API_URL": self.stubURL,
                "EGRESS_ALLOW": "127.0.0.0/8",
                "WORKER_STATE_DIR": self.stateDirectory,
            ]
        }

        func reader(_ more: [String: String]) -> ConfigReader {
            .test(self.values.merging(self.masterKeys) { $1 }.merging(more) { $1 })
        }
    }

    static let databases = [
        DatabaseSpec(migrations: GatewayMigrations.all, role: "gateway"),
        DatabaseSpec(migrations: InboundMigrations.all, role: "inbound"),
        DatabaseSpec(migrations: CustomerMigrations.all, role: "customers"),
        DatabaseSpec(migrations: ConversationMigrations.all, role: "conversations"),
        DatabaseSpec(migrations: MessagingMigrations.all, role: "messaging", extraRoles: ["messaging_engine"]),
    ]
}

/// Runs `body` with a whole platform, and stops it gracefully.
func withPlatform(
    worker: Bool = true,
    logger: Logger = .quiet,
    _ body: @escaping @Sendable (Platform) async throws -> Void
) async throws {
    await PlatformGate.shared.enter()
    defer { Task { await PlatformGate.shared.leave() } }
    let (inboundPort, inboxPort) = (try FreePort.find(), try FreePort.find())
    let state = FileManager.default.temporaryDirectory.appending(path: "herald-e2e-\(UUID())").path()
    defer { try? FileManager.default.removeItem(atPath: state) }
    try await withProviderStub(configure: { settings in
        settings.webhookBase = "http://127.0.0.1:\(inboundPort)"
        settings.whatsAppAppSecret = Platform.whatsAppSecret
    }) { stub in
        try await withDatabases(Platform.databases) { urls in
            let settings = Platform.Settings(
                databases: urls,
                inboundPort: inboundPort,
                inboxPort: inboxPort,
                stubURL: stub.url,
                stateDirectory: state,
                startsWorker: worker,
                logger: logger
            )
            try await withServices(of: settings, stub: stub, body)
        }
    }
}

/// Starts the services of an installation, runs `body`, and stops them.
func withServices(
    of settings: Platform.Settings,
    stub: RunningProviderStub,
    _ body: @escaping @Sendable (Platform) async throws -> Void
) async throws {
    let client = HTTPClient.internal()
    do {
        try await start(settings, client: client, stub: stub, body)
    } catch {
        try await client.shutdown()
        throw error
    }
    try await client.shutdown()
}

private func start(
    _ settings: Platform.Settings,
    client: HTTPClient,
    stub: RunningProviderStub,
    _ body: @escaping @Sendable (Platform) async throws -> Void
) async throws {
    let urls = settings.databases
    let (customers, conversations, messaging, gateway) = (ServerPort(), ServerPort(), ServerPort(), ServerPort())
    let first =
        try await CustomerApp(
            reader: settings.reader(["POSTGRES_URL": urls["customers"] ?? ""]),
            logger: settings.logger,
            onServerRunning: { customers.set($0) }
        ).services
        + ConversationApp(
            reader: settings.reader(["POSTGRES_URL": urls["conversations"] ?? ""]),
            logger: settings.logger,
            onServerRunning: { conversations.set($0) }
        ).services
    try await withServices(first) {
        let peers = [
            "CUSTOMERS_URL": "http://127.0.0.1:\(await customers.value())",
            "CONVERSATIONS_URL": "http://127.0.0.1:\(await conversations.value())",
        ]
        let second = try await MessagingApp(
            reader: settings.reader(
                peers.merging([
                    "POSTGRES_URL": urls["messaging"] ?? "", "ENGINE_POSTGRES_URL": urls["messaging_engine"] ?? "",
                ]) { $1 }
            ),
            client: client,
            logger: settings.logger,
            onServerRunning: { messaging.set($0) }
        ).services
        try await withServices(second) {
            let addresses = peers.merging(["MESSAGING_URL": "http://127.0.0.1:\(await messaging.value())"]) { $1 }
            let app = try await APIGatewayApp(
                reader: settings.reader(addresses.merging(["POSTGRES_URL": urls["gateway"] ?? ""]) { $1 }),
                client: client,
                logger: settings.logger,
                deadlines: .patient,
                onServerRunning: { gateway.set($0) }
            )
            var third = app.services
            third += try await InboundGatewayApp(
                reader: settings.reader(
                    addresses.merging([
                        "POSTGRES_URL": urls["inbound"] ?? "", "HTTP_PORT": "\(settings.inboundPort)",
                    ]) { $1 }
                ),
                client: client,
                policy: .patient,
                logger: settings.logger
            ).services
            if settings.startsWorker {
                // This process is that of all tests: a worker that is to start anew does not end it.
                third += try await OutboundWorkerApp(
                    reader: settings.reader(addresses),
                    logger: settings.logger,
                    restart: {}
                ).services
            }
            try await withServices(third) {
                let url = "http://127.0.0.1:\(await gateway.value())"
                try await body(
                    Platform(
                        stub: stub,
                        gateway: API(url: url, key: Platform.operatorKey, observe: Contract.check),
                        inboundURL: "http://127.0.0.1:\(settings.inboundPort)",
                        messagingURL: addresses["MESSAGING_URL"] ?? "",
                        internalURLs: ["CUSTOMERS_URL", "CONVERSATIONS_URL", "MESSAGING_URL"].compactMap {
                            addresses[$0]
                        }
                            + ["http://127.0.0.1:\(settings.inboxPort)"],
                        routes: app.routes,
                        settings: settings
                    )
                )
            }
        }
    }
}

extension ForwardDeadlines {
    /// Nearly what the tests' program waits: whether a call succeeds is not to depend on how busy the machine is.
    fileprivate static var patient: ForwardDeadlines {
        var deadlines = ForwardDeadlines()
        deadlines.ordinary = .seconds(25)
        deadlines.batch = .seconds(25)
        deadlines.push = .seconds(25)
        return deadlines
    }
}

extension InboxPolicy {
    /// A budget that no answer in time exceeds, so that what a webhook brings has its effect before the answer.
    fileprivate static var patient: InboxPolicy {
        var policy = InboxPolicy()
        policy.requestBudget = .seconds(30)
        policy.lease = .seconds(60)
        return policy
    }
}

/// Lets a few platforms run at the same time: each is six services, and a machine that is too busy meets their time limits.
private actor PlatformGate {
    static let shared = PlatformGate()
    private var free = 3
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func enter() async {
        if self.free > 0 {
            self.free -= 1
        } else {
            await withCheckedContinuation { self.waiting.append($0) }
        }
    }

    func leave() {
        if self.waiting.isEmpty {
            self.free += 1
        } else {
            self.waiting.removeFirst().resume()
        }
    }
}
