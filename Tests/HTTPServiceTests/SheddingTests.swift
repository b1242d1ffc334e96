import Hummingbird
import Metrics
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Shared
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import HTTPService

@Suite(.timeLimit(.minutes(5))) struct SheddingTests {
    /// Whether the server is full; every look at it is counted.
    private final class Fullness: Sendable {
        private let state = Mutex((isFull: false, looks: 0))

        var looks: Int { self.state.withLock(\.looks) }

        func set(_ isFull: Bool) { self.state.withLock { $0.isFull = isFull } }

        func look() -> Bool {
            self.state.withLock { state in
                state.looks += 1
                return state.isFull
            }
        }
    }

    /// A server whose posts to `/things` are answered with their bodies, once `door` is open where one is given.
    private func withServer(
        door: Door? = nil,
        limits: @Sendable (inout ConnectionLimits) -> Void = { _ in },
        _ body: @escaping @Sendable (Int, Fullness) async throws -> Void
    ) async throws {
        let router = Router(context: AppRequestContext.self)
        router.add(middleware: RequestTraceMiddleware())
        router.add(middleware: ProblemMiddleware())
        router.get("/things") { _, _ in "all" }
        router.post("/others") { _, _ in "other" }
        router.post("/things") { request, _ in
            let body = try await request.body.collect(upTo: 1 << 20)
            await door?.pass()
            return Response(status: .ok, body: .init(byteBuffer: body))
        }
        let (port, fullness) = (ServerPort(), Fullness())
        var config = ServerConfig(port: 0)
        limits(&config.limits)
        let server = makeServer(
            router: router,
            config: config,
            shedding: Shedding(.POST, "/things", mostBodyBytes: 100) { _ in fullness.look() },
            logger: .quiet
        ) { port.set($0) }
        try await withServices([server]) { try await body(await port.value(), fullness) }
    }

    private func post(_ body: String, to target: String = "/things", length: Int? = nil, header: String = "") -> String
    {
        "POST \(target) HTTP/1.1\r\nHost: a\r\n\(header)Content-Length: \(length ?? body.utf8.count)\r\n\r\n\(body)"
    }

    /// The connection stays, and what comes over it later is served.
    @Test func whileItIsFullRequestsAreToldToComeAgain() async throws {
        try await self.withServer { port, fullness in
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            for turn in 0..<3 {
                fullness.set(true)
                socket.send(self.post("refused \(turn)"))
                let refusal = try #require(await socket.read(until: "}"))
                #expect(refusal.hasPrefix("HTTP/1.1 503 "))
                #expect(refusal.contains("retry-after: 1\r\n"))
                #expect(refusal.contains("content-type: application/problem+json\r\n"))
                #expect(refusal.contains("x-request-id: "))
                #expect(refusal.contains(#""code":"unavailable""#))
                fullness.set(false)
                socket.send(self.post("taken \(turn)"))
                let answer = try #require(await socket.read(until: "taken \(turn)"))
                #expect(answer.hasPrefix("HTTP/1.1 200 "))
            }
        }
    }

    /// What is still to come of a refused request is none of the next one.
    @Test func theBodyOfARefusedRequestIsThrownAway() async throws {
        try await self.withServer { port, fullness in
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            fullness.set(true)
            socket.send(self.post("POST /others", length: 24))
            #expect(await socket.read(until: "}")?.hasPrefix("HTTP/1.1 503 ") == true)
            fullness.set(false)
            socket.send(" HTTP/1.1\r\n\r" + "\n" + self.post("next"))
            let answer = try #require(await socket.read(until: "next"))
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    /// Its answer would come too early, in the place of that to the one before.
    @Test func behindARequestThatIsUnderWayNoneIsRefused() async throws {
        let door = Door()
        try await self.withServer(door: door) { port, fullness in
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            socket.send(self.post("first") + self.post("second"))
            try await eventually { fullness.looks == 1 }
            fullness.set(true)
            await door.open()
            #expect(await socket.read(until: "second")?.contains("first") == true)
            #expect(fullness.looks == 1)
            socket.send(self.post("third"))
            #expect(await socket.read(until: "}")?.hasPrefix("HTTP/1.1 503 ") == true)
        }
    }

    @Test(arguments: [
        ("GET /things HTTP/1.1\r\nHost: a\r\n\r\n", "all"),
        ("POST /others HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "other"),
        ("POST /things?dry_run=true HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nquery", "query"),
        ("POST /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 4\r\n\r\nlast", "last"),
        ("POST /things HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nasked", "asked"),
        ("POST /things HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\ntext", "text"),
        ("POST /things HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n0\r\n\r\n", "part"),
        (
            "POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n\(String(repeating: "x", count: 101))",
            String(repeating: "x", count: 101)
        ),
    ])
    func everythingElseIsServed(request: String, answer: String) async throws {
        try await self.withServer { port, fullness in
            fullness.set(true)
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            socket.send(request)
            #expect(await socket.read(until: "\r\n\r\n\(answer)")?.hasPrefix("HTTP/1.1 200 ") == true)
        }
    }

    /// Its body may come, and may not: nobody waits for it with a second answer.
    @Test func whoWasRefusedAndSendsNoBodyIsCutOffWithoutAnotherAnswer() async throws {
        try await self.withServer(limits: { $0.bodyWindow = .milliseconds(200) }) { port, fullness in
            fullness.set(true)
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            socket.send(self.post("{", length: 100))
            let all = try #require(await socket.readAll())
            #expect(all.hasPrefix("HTTP/1.1 503 "))
            #expect(all.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }
}

/// On a channel that is only played.
@Suite struct RequestShedderTests {
    private static let head = HTTPRequestHead(
        version: .http1_1,
        method: .POST,
        uri: "/things",
        headers: ["content-length": "2"]
    )

    private func channel(idleTime: TimeAmount = .seconds(60)) throws -> EmbeddedChannel {
        let shedding = Shedding(.POST, "/things", mostBodyBytes: 100) { _ in true }
        return EmbeddedChannel(handler: RequestShedder(shedding, idleTime: idleTime))
    }

    private func isPassedOn(_ channel: EmbeddedChannel) throws -> Bool {
        try channel.writeInbound(HTTPServerRequestPart.head(Self.head))
        try channel.writeInbound(HTTPServerRequestPart.body(ByteBuffer(string: "{}")))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        var parts = 0
        while try channel.readInbound(as: HTTPServerRequestPart.self) != nil { parts += 1 }
        #expect(parts == 0 || parts == 3)
        return parts == 3
    }

    /// Whoever watches sees them among the others of the route.
    @Test func refusalsAreCounted() throws {
        let registry = MetricsRegistry()
        let channel = try withMetricsFactory(registry) { try self.channel() }
        for _ in 0..<3 { #expect(try !self.isPassedOn(channel)) }
        let line = #"http_requests_total{method="POST",route="/things",status="503"} 3"#
        #expect(registry.text.split(separator: "\n").contains { $0 == line })
    }

    /// Answers that nobody takes would fill the memory.
    @Test func whileTheClientTakesNoAnswersTheApplicationHasItsRequests() throws {
        let channel = try self.channel()
        #expect(try !self.isPassedOn(channel))
        channel.isWritable = false
        #expect(try self.isPassedOn(channel))
        // Until that one is answered.
        channel.isWritable = true
        #expect(try self.isPassedOn(channel))
        for _ in 0..<2 { try channel.writeOutbound(HTTPServerResponsePart.end(nil)) }
        #expect(try !self.isPassedOn(channel))
    }

    /// Whoever looks for idle connections sees it then.
    @Test func nowAndThenOneIsPassedOn() throws {
        #expect(try self.isPassedOn(try self.channel(idleTime: .zero)))
    }
}
