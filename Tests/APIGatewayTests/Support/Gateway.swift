import APIGateway
import AsyncHTTPClient
import Configuration
import Foundation
import InternalAPI
import Logging
import NIOCore
import NIOHTTP1
import Shared
import TestSupport
import Testing

/// A running gateway with stubs of the services behind it, and what a test wants to do with it.
struct Gateway: Sendable {
    static let operatorKey = "operator key of the tests".replacing(" ", with: "-")

    let port: Int
    let messaging: StubService
    let conversations: StubService
    let customers: StubService
    let inbox: StubService
    let time: TestTime
    let routes: [APIGatewayApp.Route]
    /// How many creates wait to be passed on together.
    let waitingCreates: @Sendable () -> Int

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPHeaders
        let body: String

        var json: JSONValue {
            get throws { try JSONValue(parsing: Array(self.body.utf8)) }
        }
        var code: String? { (try? self.json)?["code"]?.string }
        var id: String { (try? self.json)?["id"]?.string ?? "" }
        /// The body without the one member that always differs.
        var bodyWithoutRequestID: String {
            guard let id = self.headers.first(name: "x-request-id") else { return self.body }
            return self.body.replacing(id, with: "")
        }
    }

    func call(
        _ method: HTTPMethod,
        _ target: String,
        key: String? = nil,
        _ headers: [(String, String)] = [],
        body: String? = nil
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(target)")
        request.method = method
        request.headers = HTTPHeaders(headers)
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let body {
            request.body = .bytes(ByteBuffer(string: body))
            if !request.headers.contains(name: "content-type") {
                request.headers.add(name: "content-type", value: "application/json")
            }
        }
        return try await self.answer(to: request)
    }

    /// Posts a body of so many bytes, of which only the first ever comes.
    func announce(_ bytes: Int, to target: String, key: String) async throws -> Answer {
        let (stream, continuation) = AsyncStream.makeStream(of: ByteBuffer.self)
        continuation.yield(ByteBuffer(string: "x"))
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(self.port)\(target)")
        request.method = .POST
        request.headers = ["content-type": "application/json", "authorization": "Bearer \(key)"]
        request.body = .stream(stream, length: .known(Int64(bytes)))
        let answer = try await self.answer(to: request)
        continuation.finish()
        return answer
    }

    private func answer(to request: HTTPClientRequest) async throws -> Answer {
        let response = try await HTTPClient.ofTest.execute(request, timeout: .seconds(120))
        let bytes = try await response.body.collect(upTo: 1 << 24)
        return Answer(
            status: Int(response.status.code),
            headers: response.headers,
            body: String(decoding: bytes.readableBytesView, as: UTF8.self)
        )
    }

    /// As the operator, for an organization when one is named.
    func operate(_ method: HTTPMethod, _ target: String, for org: String? = nil, body: String? = nil) async throws
        -> Answer
    {
        try await self.call(method, target, key: Self.operatorKey, org.map { [("X-Org-Id", $0)] } ?? [], body: body)
    }

    /// A new organization's id.
    func org(_ name: String = "Acme", sandbox: String = "false") async throws -> String {
        let answer = try await self.operate(.POST, "/api/v1/orgs", body: #"{"name":"\#(name)","sandbox":\#(sandbox)}"#)
        try #require(answer.status == 201, "\(answer.body)")
        return answer.id
    }

    struct Key: Sendable {
        let id: String
        let secret: String
    }

    func key(of org: String, scopes: [String] = ["*"], mode: String = "live", more: String = "") async throws -> Key {
        let list = scopes.map { "\"\($0)\"" }.joined(separator: ",")
        let body = #"{"name":"server","scopes":[\#(list)],"mode":"\#(mode)"\#(more)}"#
        let answer = try await self.operate(.POST, "/api/v1/orgs/\(org)/keys", body: body)
        try #require(answer.status == 201, "\(answer.body)")
        return Key(id: answer.id, secret: try answer.json["secret"]?.string ?? "")
    }

    /// A new organization's key that may do everything.
    func tenant(_ name: String = "Acme") async throws -> (org: String, key: Key) {
        let org = try await self.org(name)
        return (org, try await self.key(of: org))
    }

    /// Runs a gateway on the test's database for the length of `body`.
    static func run(
        settings: [String: String] = [:],
        deadlines: ForwardDeadlines = ForwardDeadlines(),
        waitingCreates: Int = GatherCreates.waiting,
        logger: Logger = .quiet,
        _ body: @Sendable (Gateway) async throws -> Void
    ) async throws {
        let (messaging, conversations, customers, inbox) = (StubService(), StubService(), StubService(), StubService())
        // Most tests of the trail are not about these.
        for stub in [customers, conversations] { stub.answer(StubService.emptyTrail) }
        let stubs = [
            ("messaging.url", messaging), ("conversations.url", conversations), ("customers.url", customers),
            ("inbox.url", inbox),
        ].map { (setting: $0, stub: $1, port: ServerPort()) }
        try await withServices(stubs.map { $0.stub.server($0.port) }) {
            var values = Self.settings
            for (setting, _, port) in stubs { values[setting] = "http://127.0.0.1:\(await port.value())" }
            let port = ServerPort()
            let time = TestTime()
            let app = try await APIGatewayApp(
                reader: .test(values.merging(settings) { $1 }),
                client: .ofTest,
                logger: logger,
                time: time.time,
                deadlines: deadlines,
                waitingCreates: waitingCreates,
                onServerRunning: { port.set($0) }
            )
            try await withServices(app.services) {
                try await body(
                    Gateway(
                        port: await port.value(),
                        messaging: messaging,
                        conversations: conversations,
                        customers: customers,
                        inbox: inbox,
                        time: time,
                        routes: app.routes,
                        waitingCreates: app.waitingCreates
                    )
                )
            }
        }
    }

    /// Of a gateway whose services are not there.
    static var settings: [String: String] {
        [
            "postgres.url": TestDatabase.url, "operator.key": Self.operatorKey,
            "key.pepper": String(repeating: "p", count: 32),
            "service.token.secret": "a secret of the tests, 32 bytes long", "messaging.url": "http://127.0.0.1:1",
            "customers.url": "http://127.0.0.1:1", "conversations.url": "http://127.0.0.1:1",
            "inbox.url": "http://127.0.0.1:1",
        ]
    }
}
