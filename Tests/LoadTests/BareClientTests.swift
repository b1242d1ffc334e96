import HTTPService
import Hummingbird
import Logging
import NIOCore
import TestSupport
import Testing

@testable import Load

/// The client that creates go over, against a server of ours.
@Suite(.timeLimit(.minutes(5))) struct BareClientTests {
    /// Answers with what it was asked; `/refused` with 503, and `/last` with the end of the connection.
    private func withServer(_ body: @escaping @Sendable (String) async throws -> Void) async throws {
        let router = Router(context: AppRequestContext.self)
        router.add(middleware: ProblemMiddleware())
        router.post("/echo") { request, _ in
            let words = [request.headers[.authorization], request.headers[.idempotencyKey]].compactMap(\.self)
            let text = String(buffer: try await request.body.collect(upTo: 1024))
            return "\((words + [text]).joined(separator: " "))"
        }
        router.post("/refused") { _, _ in Response(status: .serviceUnavailable, headers: [.retryAfter: "7"]) }
        router.post("/last") { _, _ in Response(status: .ok, headers: [.connection: "close"]) }
        let port = ServerPort()
        let server = makeServer(router: router, config: ServerConfig(port: 0), logger: Logger(label: "test")) {
            port.set($0)
        }
        try await withServices([server]) { try await body("http://127.0.0.1:\(await port.value())") }
    }

    /// More at once than connections: each waits for its turn, and gets the answer to its own.
    @Test(arguments: [1, 4, 64]) func eachRequestGetsItsAnswer(connections: Int) async throws {
        try await self.withServer { url in
            let client = try BareClient(url, key: "k", connections: connections)
            try await withThrowingTaskGroup { tasks in
                for number in 0..<50 {
                    tasks.addTask {
                        let body = ByteBuffer(string: "body \(number)")
                        let answer = try await client.post("/echo", body, idempotencyKey: "i\(number)")
                        #expect(answer.status == 200)
                        #expect(String(decoding: answer.body, as: UTF8.self) == "Bearer k i\(number) body \(number)")
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    /// A refusal keeps its time, and a connection that was closed is replaced.
    @Test func afterARefusalAndAClosedConnectionItGoesOn() async throws {
        try await self.withServer { url in
            let client = try BareClient(url, key: "k", connections: 1)
            for _ in 0..<3 {
                let refusal = try await client.post("/refused", ByteBuffer())
                #expect(refusal.status == 503)
                #expect(refusal.retryAfter == "7")
                #expect(try await client.post("/last", ByteBuffer()).status == 200)
            }
        }
    }

    @Test func nobodyThereIsAFailure() async throws {
        let client = try BareClient("http://127.0.0.1:1", key: "k", connections: 1)
        for _ in 0..<2 {
            await #expect(throws: LoadFailure.self) { try await client.post("/echo", ByteBuffer()) }
        }
        #expect(throws: LoadFailure.self) { try BareClient("https://example.com", key: "k", connections: 1) }
    }
}
