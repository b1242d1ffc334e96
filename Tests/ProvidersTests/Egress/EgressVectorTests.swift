import Shared
import Synchronization
import Testing

@testable import Providers

/// Every way that is known of naming an address that is not to be reached: refused when it is set up, or when it is sent to,
/// and in neither case does anything connect.
@Suite(.timeLimit(.minutes(5)))
struct EgressVectorTests {
    static let hosts = [
        "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "0.0.0.0", "127.255.255.254", "localhost",
        "localhost.", "LOCALHOST", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "169.254.169.254",
        "[fd00:ec2::254]", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[::127.0.0.1]", "[fe80::1]", "[fe80::1%25lo]", "[febf::1]", "[fc00::1]", "[fdff::1]", "[ff02::1]",
        "[2001:db8::1]", "[3fff::1]", "[100::1]", "[64:ff9b::a00:1]", "[64:ff9b:1::1]", "[2002:a00:1::1]",
        "[2001:0:7f00:1::1]", "[5f00::1]", "%31%32%37.0.0.1", "127.0.0.1%00.example.com", "１２７.0.0.1", "①27.0.0.1",
        "127。0。0。1", "127.0.0.1.", "0x7f.0.0.1", "127.0.0.1%2f",
    ]
    /// With `PORT` of the listener.
    static let urls = [
        "http://good@127.0.0.1:PORT/", "http://good:x@127.0.0.1:PORT/", "http://127.0.0.1:PORT#@good.example/",
        "http://good.example\\@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@good.example/", "http:127.0.0.1:PORT/",
        "http:///127.0.0.1:PORT/", "//127.0.0.1:PORT/", "gopher://127.0.0.1:PORT/", "file:///etc/passwd",
        "ftp://127.0.0.1:PORT/", "dict://127.0.0.1:PORT/", "http://127.0.0.1:PORT/\r\nX: y",
        "http://127.0.0.1:PORT/\u{0}", "http://127.0.0.1 :PORT/", "http:// 127.0.0.1:PORT/",
        "https://8.8.8.8:22/", "https://8.8.8.8:25/", "https://8.8.8.8:5432/", "https://8.8.8.8:6379/",
        "https://8.8.8.8:0/", "https://8.8.8.8:65536/", "http://8.8.8.8/", "http://8.8.8.8:443/",
    ]

    @Test(arguments: Self.hosts) func `a host that is not public is never connected to`(_ host: String) async throws {
        try await self.expectNoConnection { port in ["http://\(host):\(port)/hook", "https://\(host):\(port)/hook"] }
    }

    @Test(arguments: Self.urls) func `an address in disguise is never connected to`(_ url: String) async throws {
        try await self.expectNoConnection { port in [url.replacing("PORT", with: "\(port)")] }
    }

    private func expectNoConnection(_ urls: (Int) -> [String]) async throws {
        let server = try RawServer { connection in
            while connection.readRequest() != nil { connection.answer("200 OK", "") }
            connection.end()
        }
        let provider = HTTPWebhookProvider(egress: EgressGuard(allow: []))
        for url in urls(server.port) where WebhookEndpoint.isURL(url) {
            let outcome = await provider.send(.webhook(at: url), before: .distant)
            // Not every machine's resolver knows `localhost.`.
            let isRefused = outcome.summary.hasPrefix("blocked ") || outcome.summary == "transient dns-failure"
            #expect(isRefused, "\(url): \(outcome.summary)")
        }
        #expect(server.connectionCount == 0)
    }

    @Test func `a name that changes its mind between the check and the connection reaches nothing`() async throws {
        let server = try RawServer { connection in
            connection.answer("200 OK", "")
            connection.end()
        }
        // Public when it is first asked for, and then this machine.
        let answers = Answers(["8.8.8.8", "127.0.0.1"])
        let guarding = EgressGuard(allow: [], resolve: { _ in answers.next() })
        let first = try guarding.addresses(of: "rebind.test", port: 443, ports: EgressGuard.webhookPorts)
        #expect(first.map(\.description) == ["8.8.8.8"])
        let outcome = await HTTPWebhookProvider(egress: guarding)
            .send(.webhook(at: "https://rebind.test:\(server.port)/"), before: .distant)
        #expect(outcome.summary == "blocked address-not-allowed")
        #expect(server.connectionCount == 0)
    }
}

/// Gives one address after the other, and the last one for ever.
private final class Answers: Sendable {
    private let left: Mutex<[String]>

    init(_ addresses: [String]) {
        self.left = Mutex(addresses)
    }

    func next() -> [IPAddress] {
        self.left.withLock { left in
            let first = left[0]
            if left.count > 1 { left.removeFirst() }
            return [first].compactMap { IPAddress($0) }
        }
    }
}
