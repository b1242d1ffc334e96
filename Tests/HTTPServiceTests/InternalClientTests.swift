import AsyncHTTPClient
import HTTPService
import Hummingbird
import InternalAPI
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Shared
import Synchronization
import TestSupport
import Testing

private struct Greeting: Codable, Sendable, Equatable {
    let text: String
}

@Suite(.timeLimit(.minutes(5)), .serialized) struct InternalClientTests {
    private let acting = Acting(orgID: .new(), actor: "key:7", mode: .live)

    /// A service with a few routes, called by a client of its own.
    private func withService(
        _ body: @escaping @Sendable (InternalClient, Calls) async throws -> Void,
        afterwards: () async throws -> Void = {}
    ) async throws {
        let tokens = try await ServiceTokens(secret: String(repeating: "s", count: 32))
        let calls = Calls()
        let router = makeInternalRouter(tokens: tokens, health: HealthRoutes())
        router.group(context: OrgRequestContext.self)
            .get("/internal/who") { request, context in
                JSONResponse(.ok, Greeting(text: "\(context.orgID) \(context.actor) \(context.mode) \(context.id)"))
            }
            .get("/internal/missing") { _, _ -> Response in throw Problem.notFound }
            .post("/internal/echo") { request, _ in
                RawJSON(try await request.strictJSON(), status: .accepted, headers: [.idempotencyReplayed: "true"])
            }
            .post("/internal/busy") { _, _ -> Response in
                calls.count += 1
                throw Problem.unavailable
            }
            .get("/internal/slow") { _, _ in
                calls.count += 1
                _ = try await endingAtShutdown { try await ContinuousClock().sleep(for: .seconds(3600)) }
                return "cut short"
            }
        let port = ServerPort()
        let server = makeServer(router: router, config: ServerConfig(port: 0), logger: .quiet) { port.set($0) }
        let http = HTTPClient.internal()
        try await withServices([server]) {
            let client = InternalClient(
                .messagingService,
                client: http,
                baseURL: "http://127.0.0.1:\(await port.value())",
                token: { try await tokens.issue(as: .apiGateway) }
            )
            try await body(client, calls)
        }
        try await afterwards()
        try await http.shutdown()
    }

    @Test func theServiceSeesForWhomAndAsWhom() async throws {
        try await self.withService { client, _ in
            let answer: Greeting = try await RequestTrace.$current.withValue(.init(requestID: "r-1", traceParent: nil))
            {
                try await client.get("/internal/who", as: self.acting)
            }
            #expect(answer.text == "\(self.acting.orgID) key:7 live r-1")
        }
    }

    @Test func aProblemArrivesAsItself() async throws {
        try await self.withService { client, _ in
            await #expect(throws: Problem.notFound) {
                let _: Greeting = try await client.get("/internal/missing", as: self.acting)
            }
        }
    }

    @Test(arguments: [(true, 3), (false, 1)]) func onlyARepeatableCallIsRepeated(repeatable: Bool, count: Int)
        async throws
    {
        try await self.withService { client, calls in
            await #expect(throws: Problem.unavailable) {
                let _: Greeting = try await client.post(
                    "/internal/busy",
                    Greeting(text: ""),
                    as: self.acting,
                    repeatable: repeatable
                )
            }
            #expect(calls.count == count)
        }
    }

    @Test func aSlowServiceIsUnavailable() async throws {
        try await self.withService { client, _ in
            await #expect(throws: Problem.unavailable("messaging-service")) {
                let _: Greeting = try await client.get("/internal/slow", as: self.acting, deadline: .milliseconds(100))
            }
        }
    }

    @Test func aServiceThatIsDownIsUnavailable() async throws {
        let http = HTTPClient.internal()
        let client = InternalClient(.customerService, client: http, baseURL: "http://127.0.0.1:1", token: { "t" })
        await #expect(throws: Problem.unavailable("customer-service")) {
            let _: Greeting = try await client.get("/internal/who", as: self.acting)
        }
        try await http.shutdown()
    }

    @Test func forwardingKeepsTheBytes() async throws {
        try await self.withService { client, _ in
            let body = #"{"b":1.50,"a":"\u00e9"}"#
            let answer = try await client.forward(
                .init(
                    method: .POST,
                    path: "/internal/echo",
                    query: "a=ü b",
                    contentType: "application/json",
                    body: ByteBuffer(string: body)
                ),
                as: self.acting
            )
            #expect(answer.status == 202)
            #expect(String(buffer: answer.body) == #"{"b":1.50,"a":"é"}"#)
            #expect(answer.headers.first(name: "idempotency-replayed") == "true")
            #expect(answer.headers.first(name: "date") == nil)
            let missing = try await client.forward(.init(method: .GET, path: "/internal/missing"), as: self.acting)
            #expect(missing.problem == .notFound)
        }
    }

    /// `withService` ends the server while the request waits: without the early end the test would take an hour.
    @Test func aLongPollEndsWhenTheServerStops() async throws {
        let answer = Mutex<Task<InternalAnswer, any Error>?>(nil)
        try await self.withService { client, calls in
            let task = Task {
                try await client.forward(
                    .init(method: .GET, path: "/internal/slow"),
                    as: self.acting,
                    deadline: .seconds(30)
                )
            }
            answer.withLock { $0 = task }
            try await eventually { calls.count == 1 }
        } afterwards: {
            let task = try #require(answer.withLock { $0 })
            #expect(String(buffer: try await task.value.body) == "cut short")
        }
    }
}

/// How often a route was called.
private final class Calls: Sendable {
    private let state = Mutex(0)

    var count: Int {
        get { self.state.withLock { $0 } }
        set { self.state.withLock { $0 = newValue } }
    }
}
