import HTTPService
import Hummingbird
import Logging
import NIOCore
import Shared
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)), .serialized) struct ConnectionGuardTests {
    /// Runs a server whose times are short, so that a test is.
    private func withServer(
        _ change: @Sendable (inout ServerConfig) -> Void = { _ in },
        _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let router = Router(context: AppRequestContext.self)
        router.add(middleware: RequestTraceMiddleware())
        router.add(middleware: ProblemMiddleware())
        router.get("/hello") { _, _ in "hello" }
        router.post("/json") { request, _ in RawJSON(try await request.strictJSON()) }
        router.get("/large") { _, _ in
            Response(status: .ok, body: .init(byteBuffer: .init(repeating: 120, count: 50_000_000)))
        }
        var config = ServerConfig(port: 0)
        config.limits.headTime = .milliseconds(300)
        config.limits.bodyWindow = .milliseconds(300)
        config.limits.answerTime = .milliseconds(500)
        config.limits.lingerTime = .seconds(1)
        change(&config)
        let port = ServerPort()
        let server = makeServer(router: router, config: config, logger: .quiet) { port.set($0) }
        try await withServices([server]) { try await body(await port.value()) }
    }

    private func answer(to text: String, port: Int) async throws -> String {
        let socket = try RawSocket(port: port)
        defer { socket.finish() }
        socket.send(text)
        return try #require(await socket.readAll())
    }

    @Test func theLimitsInForceAreThePromisedOnes() {
        let limits = ConnectionLimits()
        #expect(limits.headBytes == 16 * 1024)
        #expect(limits.headerFields == 100)
        #expect(limits.headTime <= .seconds(5))
        #expect(limits.bodyBytesPerSecond == 1024)
        #expect(limits.bodyWindow * 2 <= .seconds(10))
        #expect(limits.idleTime == .seconds(60))
        #expect(limits.answerTime <= .seconds(30))
    }

    @Test(
        arguments: [
            "GET /hello HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 101) + "\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "y", count: 16_400) + "\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: yyyyyyyyy\r\n", count: 100_000) + "\r\n",
        ]
    )
    func tooManyHeadersAre431(request: String) async throws {
        try await self.withServer { port in
            let answer = try await self.answer(to: request, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 431 "))
            #expect(answer.contains(#""code":"headers-too-large""#))
            #expect(answer.lowercased().contains("x-request-id: "))
        }
    }

    @Test func aLongTargetIs414() async throws {
        try await self.withServer { port in
            let target = "/hello?" + String(repeating: "a", count: 9000)
            let answer = try await self.answer(to: "GET \(target) HTTP/1.1\r\nHost: a\r\n\r\n", port: port)
            #expect(answer.hasPrefix("HTTP/1.1 414 "))
        }
    }

    @Test(
        arguments: [
            "NONSENSE\r\n\r\n",
            "POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
            "POST /json HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\r\n folded\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nX : a\r\n\r\n",
            "POST /json HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n",
        ]
    )
    func whatIsNotHTTPIs400AndTheEnd(request: String) async throws {
        try await self.withServer { port in
            let answer = try await self.answer(to: request, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 400 "))
            #expect(answer.ranges(of: "HTTP/1.1 ").count == 1)
        }
    }

    @Test func slowHeadersAreCutOff() async throws {
        try await self.withServer { port in
            let answer = try await self.answer(to: "GET /hello HT", port: port)
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
        }
    }

    @Test func aSlowBodyIs408() async throws {
        try await self.withServer { port in
            let head = "POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n{"
            let answer = try await self.answer(to: head, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(answer.contains(#""code":"request-timeout""#))
        }
    }

    @Test func aLargeBodyIsRefusedBeforeItIsRead() async throws {
        try await self.withServer { port in
            let head = "POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: \(Limits.bodyBytes + 1)\r\n\r\n"
            let answer = try await self.answer(to: head, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("connection: close"))
            #expect(answer.contains(#""code":"body-too-large""#))
        }
    }

    @Test func anEndlessBodyIsCutOff() async throws {
        try await self.withServer { port in
            let chunk = "10000\r\n\(String(repeating: "[", count: 65_536))\r\n"
            let request = "POST /json HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            let answer = try await self.answer(to: request + String(repeating: chunk, count: 6), port: port)
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        try await self.withServer {
            $0.limits.idleTime = .milliseconds(200)
        } _: { port in
            let answer = try await self.answer(to: "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", port: port)
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    /// The second connection is taken only when the server has closed the first.
    @Test func aClientThatDoesNotReadIsCutOff() async throws {
        try await self.withServer {
            $0.connections = 1
        } _: { port in
            let first = try RawSocket(port: port)
            defer { first.finish() }
            first.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await first.read(until: "HTTP/1.1 200") != nil)
            let request = "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            #expect(try await self.answer(to: request, port: port).hasSuffix("hello"))
        }
    }

    @Test func anAnswerToHEADHasNoBody() async throws {
        try await self.withServer { port in
            let request = "HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
            let answer = try await self.answer(to: request, port: port)
            #expect(answer.hasPrefix("HTTP/1.1 405 "))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test func oneConnectionServesManyRequests() async throws {
        try await self.withServer { port in
            let socket = try RawSocket(port: port)
            defer { socket.finish() }
            for index in 0..<50 {
                let body = #"{"n":\#(index)}"#
                socket.send("POST /json HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                #expect(await socket.read(until: body) != nil)
            }
        }
    }

    @Test func connectionsBeyondTheCapWait() async throws {
        try await self.withServer {
            $0.connections = 1
        } _: { port in
            let first = try RawSocket(port: port)
            first.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(await first.read(until: "hello") != nil)
            let second = try RawSocket(port: port)
            second.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            first.finish()
            #expect(await second.readAll()?.hasSuffix("hello") == true)
            second.finish()
        }
    }
}
