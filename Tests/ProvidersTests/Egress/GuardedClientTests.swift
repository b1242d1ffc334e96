import NIOHTTP1
import Shared
import Synchronization
import Testing

@testable import Providers

/// Where a webhook goes: to no address that the guard has not seen.
@Suite(.timeLimit(.minutes(5)))
struct GuardedClientTests {
    private static let loopback = ["127.0.0.0/8"].compactMap(CIDR.init)

    private static func provider(
        allow: [CIDR] = GuardedClientTests.loopback,
        resolve: @escaping EgressGuard.Resolve = AddressResolver.addresses
    ) -> HTTPWebhookProvider {
        HTTPWebhookProvider(egress: EgressGuard(allow: allow, resolve: resolve))
    }

    private static func server() throws -> RawServer {
        try RawServer { connection in
            while connection.readRequest() != nil { connection.answer("200 OK", "") }
            connection.end()
        }
    }

    @Test(arguments: [
        "http://127.0.0.1:PORT/", "https://127.0.0.1:PORT/", "http://[::1]:PORT/", "http://[::ffff:127.0.0.1]:PORT/",
        "http://8.8.8.8/", "https://8.8.8.8:22/", "http://2130706433:PORT/", "http://169.254.169.254/latest/meta-data",
    ])
    func `what is not public is not asked, nor what is in clear text`(url: String) async throws {
        let server = try Self.server()
        let message = OutboundMessage.webhook(at: url.replacing("PORT", with: "\(server.port)"))
        let outcome = await Self.provider(allow: []).send(message, before: .distant)
        #expect(outcome.summary == "blocked address-not-allowed")
        #expect(server.connectionCount == 0)
    }

    @Test func `one address that is not public refuses the host`() async throws {
        let resolved = ["8.8.8.8", "10.0.0.1"].compactMap { IPAddress($0) }
        let provider = Self.provider(allow: []) { _ in resolved }
        let outcome = await provider.send(.webhook(at: "https://hook.test/"), before: .distant)
        #expect(outcome.summary == "blocked address-not-allowed")
    }

    @Test func `the name is not resolved again by the connection, which has its host`() async throws {
        let seen = RequestLog()
        let server = try RawServer { connection in
            seen.add(connection.readRequest())
            connection.answer("200 OK", "")
            connection.end()
        }
        let local = ["127.0.0.1"].compactMap { IPAddress($0) }
        let provider = Self.provider { _ in local }
        let outcome = await provider.send(.webhook(at: "http://hook.test:\(server.port)/"), before: .distant)
        #expect(outcome.summary == "accepted")
        #expect(seen.requests.first?.lowercased().contains("host: hook.test:\(server.port)\r\n") == true)
    }

    @Test func `the next address is tried where nobody listens`() async throws {
        let server = try Self.server()
        let both = ["127.0.0.2", "127.0.0.1"].compactMap { IPAddress($0) }
        let provider = Self.provider { _ in both }
        let message = OutboundMessage.webhook(at: "http://hook.test:\(server.port)/")
        #expect(await provider.send(message, before: .distant).summary == "accepted")
        let none = Self.provider { _ in Array(both.prefix(1)) }
        #expect(await none.send(message, before: .distant).summary == "transient connection-refused")
    }

    @Test func `a name without an address is tried again later`() async throws {
        let provider = Self.provider { _ throws(EgressGuard.Refusal) in throw .unresolved("Nobody knows it.") }
        let outcome = await provider.send(.webhook(at: "https://hook.test/"), before: .distant)
        #expect(outcome.summary == "transient dns-failure")
    }

    @Test func `an answer is believed for some seconds, and connections to an address that stays are kept`()
        async throws
    {
        let server = try Self.server()
        let asked = Mutex(0)
        let elapsed = Mutex(Duration.zero)
        let start = ContinuousClock.now
        let local = ["127.0.0.1"].compactMap { IPAddress($0) }
        let clients = GuardedClients(
            egress: EgressGuard(allow: Self.loopback) { _ in
                asked.withLock { $0 += 1 }
                return local
            },
            now: { start + elapsed.withLock { $0 } }
        )
        let place = GuardedClients.Server(try MediaAddress("http://hook.test:\(server.port)/"))
        for (time, count) in [(0, 1), (9, 1), (10, 2), (19, 2), (20, 3)] {
            elapsed.withLock { $0 = .seconds(time) }
            for client in try await clients.clients(for: place).get() {
                let end = await client.post(
                    "http://hook.test:\(server.port)/",
                    headers: HTTPHeaders(),
                    body: [1],
                    before: .distant
                )
                guard case .answer(let answer) = end else {
                    Issue.record("\(end)")
                    continue
                }
                #expect(answer.status == 200)
            }
            #expect(asked.withLock { $0 } == count)
        }
        #expect(server.connectionCount == 1)
    }

    @Test func `of very many servers the first is forgotten`() async throws {
        let asked = Mutex(0)
        let clock = Mutex(ContinuousClock.now)
        let local = ["127.0.0.1"].compactMap { IPAddress($0) }
        let clients = GuardedClients(
            egress: EgressGuard(allow: Self.loopback) { _ in
                asked.withLock { $0 += 1 }
                return local
            },
            now: {
                clock.withLock {
                    $0 += .nanoseconds(1)
                    return $0
                }
            }
        )
        let first = GuardedClients.Server(try MediaAddress("http://first.test/"))
        _ = await clients.clients(for: first)
        for number in 1..<GuardedClients.mostServers {
            _ = await clients.clients(for: .init(try MediaAddress("http://h\(number).test/")))
        }
        _ = await clients.clients(for: first)
        #expect(asked.withLock { $0 } == GuardedClients.mostServers)
        _ = await clients.clients(for: .init(try MediaAddress("http://last.test/")))
        _ = await clients.clients(for: first)
        #expect(asked.withLock { $0 } == GuardedClients.mostServers + 2)
    }
}
