import AsyncHTTPClient
import Configuration
import CustomerService
import Foundation
import HTTPService
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Postgres
import Shared
import TestSupport

/// A running customer-service, and what a test wants to do with it.
struct RunningService: Sendable {
    private static let secret = "a secret of the tests, 32 bytes long"
    static let masterKey = Data(repeating: 9, count: 32).base64EncodedString()

    let port: Int
    let tokens: ServiceTokens
    let client: InternalClient
    let api: CustomerAPI

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: JSONValue
    }

    /// Runs a service for the length of `body`; on the test's database, unless another is given.
    static func run(
        postgres: String? = nil,
        masterKeys: [String: String] = ["master.key": Self.masterKey],
        _ body: @Sendable (RunningService) async throws -> Void
    ) async throws {
        let port = ServerPort()
        let app = try await CustomerApp(
            reader: .test(
                ["postgres.url": postgres ?? TestDatabase.url, "service.token.secret": Self.secret]
                    .merging(masterKeys) { $1 }
            ),
            logger: .quiet,
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
        self.client = InternalClient(
            .customerService,
            client: .ofTest,
            baseURL: "http://127.0.0.1:\(port)",
            token: { try await tokens.issue(as: .messagingService) }
        )
        self.api = CustomerAPI(client: self.client)
    }

    /// Calls without the client, for what it would never send.
    func call(_ method: HTTPMethod, _ path: String, token: String?, body: String? = nil) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(path)")
        request.method = method
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

    /// Posts `body` to the resolve route, as messaging-service.
    func resolve(_ body: String) async throws -> Answer {
        let token = try await self.tokens.issue(as: .messagingService)
        return try await self.call(.POST, "/internal/customers/resolve", token: token, body: body)
    }
}

extension CustomerAPI {
    /// Without a message to be judged.
    func resolve(_ recipients: [Resolve]) async throws -> [Resolved] {
        try await self.resolve(recipients.map { Question($0) }).map(\.resolved)
    }
}

extension CustomerAPI.Resolved {
    /// Nil where nothing was found.
    var customerID: CustomerID? {
        switch self {
        case .found(let id, _): id
        case .noSuchCustomer, .noSuchAddress: nil
        }
    }
}

/// What the database holds.
enum Stored {
    struct Counts: Sendable, Equatable {
        let customers: Int
        let identities: Int
    }

    static func counts(of orgs: OrgID...) async throws -> Counts {
        try await TestDatabase.connection.transaction(for: orgs) { connection in
            let row = try connection.query(
                """
                SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM identities) AS identities
                """
            )[0]
            return Counts(customers: try row.get("customers"), identities: try row.get("identities"))
        }
    }
}
