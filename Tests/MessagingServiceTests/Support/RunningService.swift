import AsyncHTTPClient
import Configuration
import HTTPService
import InternalAPI
import Logging
import MessagingService
import NIOCore
import NIOHTTP1
import Shared
import TestSupport

/// A running messaging-service, and what a test wants to do with it.
///
/// The services that it calls are not there: what needs them is tested without HTTP.
struct RunningService: Sendable {
    private static let secret = "a secret of the tests, 32 bytes long"

    let port: Int
    let tokens: ServiceTokens

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        /// Null when there is none.
        let body: JSONValue

        var code: String? { self.body["code"]?.string }
        var pointers: [String] { self.body["violations"]?.array?.compactMap { $0["pointer"]?.string } ?? [] }
    }

    /// Runs a service on the test's database for the length of `body`, with further settings.
    static func run(
        settings: [String: String] = [:],
        _ body: @Sendable (RunningService) async throws -> Void
    ) async throws {
        let port = ServerPort()
        let ordinary = [
            "postgres.url": TestDatabase.url, "engine.postgres.url": TestDatabase.url(as: "messaging_engine"),
            "service.token.secret": Self.secret, "master.key": MessagingFixture.masterKey,
            "customers.url": "http://127.0.0.1:1", "conversations.url": "http://127.0.0.1:1",
        ]
        let app = try await MessagingApp(
            reader: .test(ordinary.merging(settings) { $1 }),
            client: .ofTest,
            logger: .quiet,
            onServerRunning: { port.set($0) }
        )
        let tokens = try await ServiceTokens(secret: Self.secret)
        try await withServices(app.services) {
            try await body(RunningService(port: await port.value(), tokens: tokens))
        }
    }

    /// Gets what is no JSON, for an organization.
    func fetch(_ path: String, for orgID: OrgID) async throws -> (status: Int, headers: HTTPHeaders, bytes: [UInt8]) {
        let response = try await self.execute(.GET, path, for: orgID, body: nil)
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return (Int(response.status.code), response.headers, Array(bytes.readableBytesView))
    }

    /// Calls for an organization, as the api-gateway does for a key of it; without one as a service for itself.
    func call(_ method: HTTPMethod, _ path: String, for orgID: OrgID?, body: String? = nil) async throws -> Answer {
        let response = try await self.execute(method, path, for: orgID, body: body)
        let bytes = try await response.body.collect(upTo: 1 << 22)
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            body: bytes.readableBytes == 0 ? .null : try JSONValue(parsing: Array(bytes.readableBytesView))
        )
    }

    private func execute(
        _ method: HTTPMethod,
        _ path: String,
        for orgID: OrgID?,
        body: String?
    ) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(path)")
        request.method = method
        request.headers.add(name: "authorization", value: "Bearer \(try await self.tokens.issue(as: .apiGateway))")
        if let orgID {
            request.headers.add(name: InternalHeader.org, value: "\(orgID)")
            request.headers.add(name: InternalHeader.actor, value: "key:person")
            request.headers.add(name: InternalHeader.mode, value: KeyMode.live.rawValue)
        }
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(string: body))
        }
        return try await HTTPClient.ofTest.execute(request, timeout: .seconds(120))
    }
}
