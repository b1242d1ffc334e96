import HTTPService
import Hummingbird
import NIOCore
import NIOHTTP1
import Shared
import Synchronization
import TestSupport
import Testing

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
        let server = makeServer(
            router: router,
            config: ServerConfig(port: 0),
            shedding: Shedding(.POST, "/things") { fullness.look() },
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

    /// Reading a body of which nothing is wanted would cost more than the connection.
    @Test func aRefusedRequestWithALargeBodyEndsItsConnection() async throws {
        try await self.withServer { port, fullness in
            fullness.set(true)
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            socket.send(self.post("{", length: 100_000))
            let refusal = try #require(await socket.readAll())
            #expect(refusal.hasPrefix("HTTP/1.1 503 "))
            #expect(refusal.contains("connection: close\r\n"))
            #expect(refusal.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }
}
