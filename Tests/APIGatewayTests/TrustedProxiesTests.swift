import APIGateway
import NIOHTTP1
import Shared
import TestSupport
import Testing

@Suite struct TrustedProxiesTests {
    private static let trusted = "10.0.0.0/8, 192.0.2.7,fd00::/8"

    private static let requests: [(peer: String, forwarded: [String], client: String)] = [
        // Nobody trusted is asked: the header is the client's own.
        ("198.51.100.1", [], "198.51.100.1"),
        ("198.51.100.1", ["203.0.113.9"], "198.51.100.1"),
        ("198.51.100.1", ["10.0.0.1"], "198.51.100.1"),
        ("2001:db8::1", ["203.0.113.9"], "2001:db8::1"),
        // One proxy, two proxies, and one that says nothing.
        ("10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["203.0.113.9, 192.0.2.7"], "203.0.113.9"),
        ("10.1.2.3", [], "10.1.2.3"),
        // What the client invented stands before what the proxy wrote.
        ("10.1.2.3", ["1.1.1.1, 203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["10.9.9.9, 203.0.113.9, 10.0.0.1"], "203.0.113.9"),
        ("10.1.2.3", ["1.1.1.1", "203.0.113.9", "10.0.0.1"], "203.0.113.9"),
        // Somebody inside asks.
        ("10.1.2.3", ["10.7.7.7, 10.0.0.1"], "10.7.7.7"),
        // IPv6, and IPv4 in its clothes.
        ("fd00::1", ["2001:db8::5"], "2001:db8::5"),
        ("fd00::1", ["1.1.1.1, 2001:db8:0:0:0:0:0:5"], "2001:db8::5"),
        ("::ffff:10.1.2.3", ["203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["::ffff:203.0.113.9"], "203.0.113.9"),
        ("10.1.2.3", ["203.0.113.9, ::ffff:10.0.0.1"], "203.0.113.9"),
        // With ports, as some proxies write them.
        ("10.1.2.3", ["203.0.113.9:4711"], "203.0.113.9"),
        ("10.1.2.3", ["[2001:db8::5]:4711"], "2001:db8::5"),
        ("10.1.2.3", ["[2001:db8::5]"], "2001:db8::5"),
    ]

    @Test(arguments: Self.requests)
    func theClientIsTheLastHopThatIsNoTrustedProxy(peer: String, forwarded: [String], client: String) throws {
        let proxies = try TrustedProxies(Self.trusted)
        let found = proxies.client(of: try #require(IPAddress(peer)), forwarded: forwarded)
        #expect(found.description == client)
    }

    /// The proxy did not say who it was; what stands further left may be anybody's.
    @Test(arguments: [
        "unknown", "_hidden", "", " ", "203.0.113.9.", "0xcb.0.113.9", "203.0.113", "203.0.113.9 203.0.113.8",
        "203.0.113.9:",
        "203.0.113.9:x", "203.0.113.9:123456", "[203.0.113.9]", "[2001:db8::5", "2001:db8::5]", "[2001:db8::5]x",
        "fe80::1%eth0", "203.0.113.9\u{0}", "２03.0.113.9", "for=203.0.113.9", "203.0.113.9;10.0.0.1",
    ])
    func whatIsNoAddressEndsAtTheProxyThatWroteIt(hop: String) throws {
        let proxies = try TrustedProxies(Self.trusted)
        let peer = try #require(IPAddress("10.1.2.3"))
        #expect(proxies.client(of: peer, forwarded: ["1.1.1.1, \(hop)"]) == peer)
        #expect(proxies.client(of: peer, forwarded: ["1.1.1.1,\(hop),10.0.0.1"]).description == "10.0.0.1")
    }

    @Test func withoutTheSettingNoHeaderIsBelieved() throws {
        let peer = try #require(IPAddress("127.0.0.1"))
        for text in ["", ","] {
            #expect(try TrustedProxies(text).client(of: peer, forwarded: ["1.1.1.1"]) == peer)
        }
    }

    @Test(arguments: [
        "10.0.0.1/8", "proxy.example", "10.0.0.0/8;10.0.0.1", "0.0.0.0/0", "::/0", "10.0.0.0/8, x", " ",
        Array(repeating: "10.0.0.1", count: 65).joined(separator: ","),
    ])
    func whatIsNoListOfRangesStopsTheStart(text: String) {
        let failure = #expect(throws: ConfigFailure.self) { try TrustedProxies(text) }
        #expect(failure?.key == "TRUSTED_PROXIES")
    }
}

/// A gateway with a proxy before it: the test.
@Suite(.database(migrations: GatewayMigrations.all, role: "gateway"), .timeLimit(.minutes(5)))
struct ForwardedForTests {
    private static let behindAProxy = ["trusted.proxies": "127.0.0.0/8"]

    private static func status(_ gateway: Gateway, _ id: APIKeyID, from hops: String) async throws -> Int {
        let guess = KeyToken.make(id, mode: .live).text
        return try await gateway.call(.GET, "/api/v1/org", key: guess, [("X-Forwarded-For", hops)]).status
    }

    @Test func eachClientBehindAProxyHasItsOwnGuesses() async throws {
        try await Gateway.run(settings: Self.behindAProxy) { gateway in
            let id = APIKeyID.new()
            let first = Array(repeating: ("192.0.2.1", 401), count: 20)
            // All of a subscriber's addresses are one.
            let network = (1...20).map { ("2001:db8::\($0)", 401) }
            let requests =
                first + [
                    ("192.0.2.1", 429), ("192.0.2.2", 401),
                    // What a client writes before its own address makes nobody else of it.
                    ("198.51.100.7, 192.0.2.1", 429),
                ] + network + [("2001:db8::ffff", 429)]
            for (hops, expected) in requests {
                let status = try await Self.status(gateway, id, from: hops)
                #expect(status == expected, "\(hops)")
            }
        }
    }

    @Test func theTrailSaysWhereAnActCameFrom() async throws {
        try await Gateway.run(settings: Self.behindAProxy) { gateway in
            let (_, key) = try await gateway.tenant()
            let from = [("X-Forwarded-For", "1.1.1.1, 2001:db8::5")]
            let made = try await gateway.call(.POST, "/api/v1/keys", key: key.secret, from, body: #"{"name":"x"}"#)
            #expect(made.status == 201)
            let revoked = try await gateway.call(.DELETE, "/api/v1/keys/\(made.id)", key: key.secret, from)
            #expect(revoked.status == 204)
            gateway.messaging.answer(StubService.emptyTrail)
            gateway.inbox.answer(StubService.emptyTrail)
            let path = "/api/v1/audit-events?entity_id=\(made.id)"
            let lines = try await gateway.call(.GET, path, key: key.secret).json["data"]?.array ?? []
            #expect(lines.map { $0["action"]?.string } == ["DELETED", "CREATED"])
            #expect(lines.allSatisfy { $0["detail"]?["client"] == "2001:db8::5" })
        }
    }

    @Test func logsSayWhereARefusedKeyCameFrom() async throws {
        let lines = LogLines()
        try await Gateway.run(settings: Self.behindAProxy, logger: lines.logger) { gateway in
            let id = APIKeyID.new()
            let status = try await Self.status(gateway, id, from: "1.1.1.1, 192.0.2.1")
            #expect(status == 401)
            let refusals = lines.all.filter { $0.contains("key refused") }
            #expect(refusals.count == 1)
            #expect(refusals.first?.contains("192.0.2.1") == true)
            #expect(refusals.first?.contains("\(id)") == true)
            #expect(refusals.first?.contains("1.1.1.1") == false)
        }
    }
}
