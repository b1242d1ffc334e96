import AsyncHTTPClient
import Configuration
import Foundation
import HTTPService
import InboundGateway
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Postgres
import Shared
import Telemetry
import TestSupport

/// A running inbound-gateway, and what a test wants to do with it.
struct Gateway: Sendable {
    static let publicURL = "https://hooks.example.com"
    /// Encoded, as the service reads it.
    static let masterKey = Data(repeating: 7, count: 32).base64EncodedString()

    let port: Int
    /// The internal one.
    let inboxPort: Int
    let customers: FakeCustomers
    let conversations: FakeConversations
    let messaging: FakeMessaging

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String
    }

    func call(
        _ method: HTTPMethod,
        _ target: String,
        headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(target)")
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.ofTest.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            body: String(decoding: bytes.readableBytesView, as: UTF8.self)
        )
    }

    /// Asks the internal port for an organization, as the api-gateway does.
    func inbox(
        _ method: HTTPMethod,
        _ path: String,
        of orgID: OrgID,
        _ body: JSONValue? = nil
    ) async throws -> (status: Int, json: JSONValue) {
        let answer = try await self.inboxAnswer(method, path, of: orgID, body)
        return (answer.status, try JSONValue(parsing: Array(answer.body.utf8)))
    }

    func inboxAnswer(
        _ method: HTTPMethod,
        _ path: String,
        of orgID: OrgID,
        _ body: JSONValue? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.inboxPort)\(path)")
        request.method = method
        let token = try await ServiceTokens(secret: Self.tokenSecret).issue(as: .apiGateway)
        request.headers = [
            "authorization": "Bearer \(token)", "herald-org": "\(orgID)", "herald-actor": "key:1",
            "herald-mode": "live",
        ]
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(body.bytes)
        }
        let response = try await HTTPClient.ofTest.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(status: Int(response.status.code), headers: response.headers, body: String(buffer: bytes))
    }

    private static let tokenSecret = "a secret of the tests, 32 bytes long"

    /// Says how long a body will be, and sends nothing of it.
    func announce(bodyOf bytes: Int, to path: String) async throws -> Int {
        let (body, sender) = AsyncStream.makeStream(of: ByteBuffer.self)
        defer { sender.finish() }
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(path)")
        request.method = .POST
        request.body = .stream(body, length: .known(Int64(bytes)))
        return Int(try await HTTPClient.ofTest.execute(request, timeout: .seconds(120)).status.code)
    }

    /// Posts as Meta does; to the shared URL when there is no account.
    func meta(_ body: String, secret: String, to account: AccountID? = nil) async throws -> Answer {
        let path = account.map { "/webhooks/whatsapp/\($0)" } ?? "/webhooks/whatsapp"
        return try await self.meta(body, signature: Signing.meta(body, secret: secret), path: path)
    }

    func meta(_ body: String, signature: String?, path: String) async throws -> Answer {
        let headers = [("content-type", "application/json")] + (signature.map { [("x-hub-signature-256", $0)] } ?? [])
        return try await self.call(.POST, path, headers: headers, body: body)
    }

    /// Runs a gateway on the test's database for the length of `body`.
    static func run(
        _ accounts: [MessagingAPI.WebhookAccount],
        settings: [String: String] = [:],
        policy: InboxPolicy = .quick,
        history: FakeHistory = FakeHistory(),
        now: @escaping @Sendable () -> Timestamp = { .now },
        metrics: MetricsRegistry = MetricsRegistry(),
        _ body: @Sendable (Gateway) async throws -> Void
    ) async throws {
        let (customers, conversations, messaging) = (FakeCustomers(), FakeConversations(), FakeMessaging())
        messaging.set(accounts)
        let (port, inboxPort) = (ServerPort(), ServerPort())
        let defaults = [
            "postgres.url": TestDatabase.url,
            "master.key": Self.masterKey,
            "service.token.secret": Self.tokenSecret,
            "customers.url": "http://127.0.0.1:1",
            "conversations.url": "http://127.0.0.1:1",
            "messaging.url": "http://127.0.0.1:1",
            "inbox.http.port": "0",
            "public.inbound.url": Gateway.publicURL,
        ]
        let app = try await InboundGatewayApp(
            reader: .test(defaults.merging(settings) { $1 }),
            peers: Peers(customers: customers, conversations: conversations, messaging: messaging),
            history: history,
            policy: policy,
            now: now,
            metrics: metrics,
            logger: .quiet,
            onServerRunning: { port.set($0) },
            onInboxRunning: { inboxPort.set($0) }
        )
        try await withServices(app.services) {
            try await body(
                Gateway(
                    port: await port.value(),
                    inboxPort: await inboxPort.value(),
                    customers: customers,
                    conversations: conversations,
                    messaging: messaging
                )
            )
        }
    }
}

extension InboxPolicy {
    /// Short pauses, and a budget that no answer in time exceeds.
    static var quick: InboxPolicy {
        var policy = InboxPolicy()
        policy.pollInterval = .milliseconds(20)
        policy.firstPause = .milliseconds(20)
        policy.longestPause = .milliseconds(100)
        policy.presenceInterval = .milliseconds(20)
        policy.catchUpPause = .milliseconds(20)
        // What a test of something else expects within the request is not to depend on how busy the machine is.
        policy.requestBudget = .seconds(30)
        policy.lease = .seconds(60)
        return policy
    }
}

/// What the database holds.
enum Stored {
    struct Event: Sendable, Equatable {
        let key: String
        let kind: String
        let state: String
    }

    static func events(of orgID: OrgID) async throws -> [Event] {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query("SELECT event_key, kind, state FROM inbox_events ORDER BY event_key").map { row in
                Event(key: try row.get("event_key"), kind: try row.get("kind"), state: try row.get("state"))
            }
        }
    }

    static func bodies(of orgID: OrgID) async throws -> [String] {
        try await TestDatabase.connection.transaction(for: [orgID]) { connection in
            try connection.query("SELECT convert_from(body, 'UTF8') AS body FROM inbox_requests ORDER BY id").map {
                row in
                try row.get("body")
            }
        }
    }
}
