import AsyncHTTPClient
import Dispatch
import NIOCore
import Providers
import Shared
import Synchronization
import TestSupport
import Testing

@testable import Providers

/// How an attempt ends on the wire, and what that proves.
@Suite(.timeLimit(.minutes(5)))
struct ProviderExchangeTests {
    /// Sends one WhatsApp text to `url`; a connection that fails is tried again until `connectTimeout` is over.
    private func send(
        to url: String,
        within limit: Duration = .seconds(30),
        connectTimeout: TimeAmount = .seconds(30)
    ) async throws -> SendOutcome {
        try await withClient(connectTimeout: connectTimeout) { client in
            let provider = WhatsAppProvider(baseURL: url, exchange: ProviderExchange(client: client))
            return await provider.send(.whatsapp(), before: .now + limit)
        }
    }

    @Test func `a refused connection is a definite failure`() async throws {
        let url = "http://127.0.0.1:\(try RawServer.closedPort())"
        let outcome = try await self.send(to: url, connectTimeout: .seconds(5))
        #expect(outcome.summary == "transient connection-refused")
    }

    @Test func `a name without an address is a definite failure`() async throws {
        // No label may have 64 characters, so that no name server needs to be asked.
        let url = "http://\(String(repeating: "a", count: 64)).test"
        let outcome = try await self.send(to: url, connectTimeout: .seconds(5))
        #expect(outcome.summary == "transient dns-failure")
    }

    @Test func `a server that speaks no TLS gets nothing`() async throws {
        let server = try RawServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.end()
        }
        let outcome = try await self.send(to: "https://127.0.0.1:\(server.port)", connectTimeout: .seconds(5))
        guard case .failedTransiently = outcome else {
            Issue.record("\(outcome)")
            return
        }
    }

    @Test func `a time that is over sends nothing`() async throws {
        let server = try RawServer { $0.end() }
        let outcome = try await self.send(to: server.url, within: .zero)
        #expect(outcome.summary == "transient deadline")
        #expect(server.connectionCount == 0)
    }

    /// What a server does after it has the whole request, and what the attempt is then.
    static let endings: [(name: String, serve: @Sendable (RawConnection) -> Void, outcome: String)] = [
        ("cut", { _ in }, "uncertain connection-lost"),
        ("hang", { $0.waitForClose() }, "uncertain timeout"),
        ("garbage", { $0.write("this is not HTTP\r\n\r\n") }, "uncertain answer-malformed"),
        (
            "half an answer",
            { $0.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"messages\":") },
            "uncertain connection-lost"
        ),
        (
            "an answer that never ends",
            {
                $0.write("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"messages\":")
                $0.waitForClose()
            },
            "uncertain timeout"
        ),
        ("no JSON", { $0.answer("200 OK", "thanks") }, "uncertain answer-without-id"),
        ("no id", { $0.answer("200 OK", "{\"messages\":[]}") }, "uncertain answer-without-id"),
        ("id", { $0.answer("200 OK", "{\"messages\":[{\"id\":\"wamid.1\"}]}") }, "accepted"),
        ("id with 201", { $0.answer("201 Created", "{\"messages\":[{\"id\":\"wamid.1\"}]}") }, "accepted"),
        ("error in a 200", { $0.answer("200 OK", "{\"error\":{\"code\":190}}") }, "blocked 190"),
        ("code in a 500", { $0.answer("500 Oops", "{\"error\":{\"code\":131026}}") }, "rejected 131026"),
        ("a page in a 502", { $0.answer("502 Bad Gateway", "<html>") }, "transient http-502"),
        ("a page in a 404", { $0.answer("404 Not Found", "<html>") }, "transient http-404"),
        ("a page in a 401", { $0.answer("401 Unauthorized", "") }, "transient http-401"),
        (
            "a page in a 429", { $0.answer("429 Slow", "", headers: "retry-after: 7\r\n") },
            "throttled account http-429 7s"
        ),
        (
            "code in a 429",
            { $0.answer("429 Slow", "{\"error\":{\"code\":100}}", headers: "retry-after: 7\r\n") },
            "rejected 100"
        ),
        (
            "throttling code",
            { $0.answer("400 Bad", "{\"error\":{\"code\":130429}}", headers: "retry-after: 9\r\n") },
            "throttled account 130429 9s"
        ),
        ("pair throttling", { $0.answer("400 Bad", "{\"error\":{\"code\":131056}}") }, "throttled recipient 131056 6s"),
        ("unknown code", { $0.answer("400 Bad", "{\"error\":{\"code\":987654}}") }, "rejected 987654"),
        (
            "unknown code that may pass",
            { $0.answer("400 Bad", "{\"error\":{\"code\":987654,\"is_transient\":true}}") },
            "transient 987654"
        ),
        ("unknown code in a 503", { $0.answer("503 Busy", "{\"error\":{\"code\":987654}}") }, "transient 987654"),
    ]

    @Test(arguments: Self.endings.indices) func `an attempt is as certain as its answer is complete`(_ index: Int)
        async throws
    {
        let ending = Self.endings[index]
        let server = try RawServer { connection in
            connection.readRequest()
            ending.serve(connection)
            connection.end()
        }
        // Long for all that end the attempt themselves, however busy the machine is.
        let limit: Duration = ending.outcome == "uncertain timeout" ? .seconds(5) : .seconds(30)
        let outcome = try await self.send(to: server.url, within: limit)
        #expect(outcome.summary == ending.outcome, "\(ending.name)")
    }

    @Test func `a redirect is not followed`() async throws {
        let target = try RawServer { $0.end() }
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer("307 Elsewhere", "", headers: "location: \(target.url)/messages\r\n")
            connection.end()
        }
        let outcome = try await self.send(to: server.url)
        #expect(outcome.summary == "transient http-307")
        #expect(target.connectionCount == 0)
    }

    @Test(arguments: ["content-length: 1073741824\r\n", ""])
    func `an endless answer is not read to its end`(_ length: String) async throws {
        let sent = Atomic(0)
        let server = try RawServer { connection in
            connection.readRequest()
            connection.write("HTTP/1.1 200 OK\r\n\(length)\r\n")
            let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1 << 16)
            while sent.load(ordering: .relaxed) < 1 << 30, connection.write(piece) {
                sent.add(piece.count, ordering: .relaxed)
            }
            connection.end()
        }
        let outcome = try await self.send(to: server.url)
        #expect(outcome.summary == "uncertain answer-too-long")
        // What the buffers of both sides hold, and no more.
        #expect(sent.load(ordering: .relaxed) < 64 << 20)
    }

    @Test func `a request that got no connection in time was not sent`() async throws {
        let secondHasEnded = DispatchSemaphore(value: 0)
        let server = try RawServer { connection in
            connection.readRequest()
            secondHasEnded.wait()
            connection.end()
        }
        // The connect timeout is also how long a request waits for another's connection.
        try await withClient(connectionsPerHost: 1, connectTimeout: .seconds(3)) { client in
            let provider = WhatsAppProvider(baseURL: server.url, exchange: ProviderExchange(client: client))
            async let first = provider.send(.whatsapp(), before: .distant)
            try await eventually { server.connectionCount == 1 }
            let second = await provider.send(.whatsapp(), before: .distant)
            secondHasEnded.signal()
            let outcomes = await [first.summary, second.summary]
            #expect(outcomes == ["uncertain connection-lost", "transient connection-pool-timeout"])
        }
    }

    @Test func `a kept connection that was closed in between is replaced`() async throws {
        let server = try RawServer { connection in
            connection.readRequest()
            connection.answer("200 OK", "{\"messages\":[{\"id\":\"wamid.1\"}]}", headers: "connection: close\r\n")
            connection.end()
        }
        try await withClient { client in
            let provider = WhatsAppProvider(baseURL: server.url, exchange: ProviderExchange(client: client))
            for _ in 1...5 {
                #expect(await provider.send(.whatsapp(), before: .distant).summary == "accepted")
            }
        }
        #expect(server.connectionCount == 5)
    }
}

/// Runs `body` with a client for providers, and shuts it down.
func withClient<Value>(
    connectionsPerHost: Int = 8,
    connectTimeout: TimeAmount = .seconds(5),
    _ body: (HTTPClient) async throws -> Value
) async throws -> Value {
    let client = HTTPClient.forProviders(connectionsPerHost: connectionsPerHost, connectTimeout: connectTimeout)
    do {
        let value = try await body(client)
        try await client.shutdown()
        return value
    } catch {
        try? await client.shutdown()
        throw error
    }
}
