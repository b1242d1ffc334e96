import AsyncHTTPClient
import Configuration
import ConversationService
import HTTPService
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Postgres
import Shared
import TestSupport

/// A running conversation-service, and what a test wants to do with it.
struct RunningService: Sendable {
    /// Who acts for organizations.
    static let actor = "key:tests"
    private static let secret = "a secret of the tests, 32 bytes long"

    let port: Int
    let tokens: ServiceTokens
    let api: ConversationAPI
    let settings: OrgSettingsAPI

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: JSONValue
    }

    /// Runs a service for the length of `body`; on the test's database, unless another is given.
    static func run(
        postgres: String? = nil,
        now: @escaping @Sendable () -> Timestamp = { .now },
        _ body: @Sendable (RunningService) async throws -> Void
    ) async throws {
        let port = ServerPort()
        let app = try await ConversationApp(
            reader: .test(["postgres.url": postgres ?? TestDatabase.url, "service.token.secret": Self.secret]),
            logger: .quiet,
            now: now,
            onServerRunning: { port.set($0) }
        )
        let tokens = try await ServiceTokens(secret: Self.secret)
        try await withServices(app.services) {
            try await body(RunningService(port: await port.value(), tokens: tokens))
        }
    }

    private init(port: Int, tokens: ServiceTokens) {
        self.port = port
        self.tokens = tokens
        let client = InternalClient(
            .conversationService,
            client: .ofTest,
            baseURL: "http://127.0.0.1:\(port)",
            token: { try await tokens.issue(as: .messagingService) }
        )
        self.api = ConversationAPI(client: client)
        self.settings = OrgSettingsAPI(client: client)
    }

    /// Calls without the client, for what it would never send.
    func call(
        _ method: HTTPMethod,
        _ path: String,
        token: String?,
        _ headers: HTTPHeaders = [:],
        body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(path)")
        request.method = method
        request.headers = headers
        if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        let response = try await HTTPClient.ofTest.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            body: try JSONValue(parsing: Array(bytes.readableBytesView))
        )
    }

    /// Calls a route under `/internal` for an organization, as api-gateway does for one of its keys.
    func call(
        _ method: HTTPMethod,
        _ path: String,
        of orgID: OrgID,
        body: String? = nil
    ) async throws -> Answer {
        try await self.call(
            method,
            "/internal\(path)",
            token: try await self.tokens.issue(as: .apiGateway),
            [
                InternalHeader.org: orgID.description, InternalHeader.actor: Self.actor,
                InternalHeader.mode: KeyMode.live.rawValue,
            ],
            body: body
        )
    }

    /// Posts `body` to a route under `/internal/conversations/`, as messaging-service.
    func post(_ body: String, to route: String) async throws -> Answer {
        let token = try await self.tokens.issue(as: .messagingService)
        return try await self.call(.POST, "/internal/conversations/\(route)", token: token, body: body)
    }
}

/// What the database holds.
enum Stored {
    struct Conversation: Sendable, Equatable {
        let id: ConversationID
        let address: String
        let status: String
    }

    static func conversations(of orgs: OrgID...) async throws -> [Conversation] {
        try await TestDatabase.connection.transaction(for: orgs) { connection in
            try connection.query("SELECT id, address, status FROM conversations ORDER BY id").map { row in
                Conversation(id: try row.get("id"), address: try row.get("address"), status: try row.get("status"))
            }
        }
    }
}
