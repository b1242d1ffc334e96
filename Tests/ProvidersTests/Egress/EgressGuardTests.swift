import Providers
import Shared
import Testing

struct EgressGuardTests {
    static let publicAddresses = [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.1",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255", "2606:4700:4700::1111", "2a00::1", "2001:4860:4860::8888", "2001:200::1", "::ffff:8.8.8.8",
    ]
    static let specialAddresses = [
        "0.0.0.0", "127.0.0.1", "127.255.255.254", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
        "192.168.0.1",
        "100.64.0.1", "100.127.255.255", "169.254.169.254", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255",
        "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "::",
        "::1",
        "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:10.0.0.1", "::127.0.0.1", "fe80::1", "febf::1", "fc00::1",
        "fdff::1",
        "fd00:ec2::254", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "64:ff9b::a00:1", "64:ff9b:1::1",
        "2002:a00:1::1",
        "2001:0:1::1", "2001:10::1", "2001:20::1", "5f00::1", "4000::1",
    ]

    @Test(arguments: Self.publicAddresses) func `an address of the internet is public`(_ text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: Self.specialAddresses) func `an address of special purpose is not`(_ text: String) throws {
        #expect(try !#require(IPAddress(text)).isPublic)
        #expect(self.refusal(of: text) == .notAllowed("The host has an address that is not public."))
    }

    private func refusal(
        of host: String,
        port: Int = 25,
        allow: [String] = [],
        answers: [String] = []
    ) -> EgressGuard.Refusal? {
        let guarding = EgressGuard(allow: allow.compactMap(CIDR.init)) { _ throws(EgressGuard.Refusal) in
            answers.compactMap(IPAddress.init)
        }
        do {
            _ = try guarding.addresses(of: host, port: port, ports: EgressGuard.mailPorts)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "", ".", "a..b", "１２７.0.0.1", "a b", "[::1]",
        "fe80::1%lo",
        "user@mail.test", "mail.test/x", "mail.test:25", "mäil.test", "mail.0x7f", "-", "a\r\nb", "a_b.test",
    ])
    func `a host that is neither name nor address is refused unasked`(_ host: String) {
        #expect(
            self.refusal(of: host, answers: ["8.8.8.8"])
                == .notAllowed("The host is neither a name nor an IP address.")
        )
    }

    @Test(arguments: ["mail.test", "MAIL.test.", "localhost", "a-b.c1.xn--p1ai", "2.mail.test"])
    func `a name is judged by all its addresses`(_ host: String) {
        #expect(self.refusal(of: host, answers: ["8.8.8.8", "2a00::1"]) == nil)
        #expect(self.refusal(of: host, answers: ["8.8.8.8", "10.0.0.1"]) != nil)
        #expect(self.refusal(of: host, answers: ["8.8.8.8", "::1"]) != nil)
        #expect(self.refusal(of: host, answers: []) == .unresolved("The host has no address."))
    }

    @Test func `the machine's own resolver is asked for names`() {
        let guarding = EgressGuard(allow: [])
        #expect(throws: EgressGuard.Refusal.notAllowed("The host has an address that is not public.")) {
            try guarding.addresses(of: "localhost", port: 25, ports: EgressGuard.mailPorts)
        }
        // No label may have 64 characters, so that no name server needs to be asked.
        #expect(throws: EgressGuard.Refusal.self) {
            try AddressResolver.addresses(of: String(repeating: "a", count: 64) + ".test")
        }
    }

    @Test func `the machine's own addresses are not asked, public or not`() throws {
        #expect(OwnAddresses.all().contains(try #require(IPAddress("127.0.0.1"))))
        let own = Set(["8.8.8.8", "2a00::1"].compactMap { IPAddress($0) })
        let guarding = EgressGuard(allow: ["8.8.8.0/24"].compactMap(CIDR.init), own: { own })
        let refused = EgressGuard.Refusal.notAllowed("The host has an address of this installation.")
        #expect(throws: refused) { try guarding.addresses(of: "2a00::1", port: 25, ports: EgressGuard.mailPorts) }
        let closed = EgressGuard(allow: [], own: { own })
        for text in ["8.8.8.8", "::ffff:8.8.8.8"] {
            #expect(throws: refused) { try closed.addresses(of: text, port: 25, ports: EgressGuard.mailPorts) }
            // Unless it is allowed.
            #expect(try guarding.addresses(of: text, port: 25, ports: EgressGuard.mailPorts).count == 1)
        }
        #expect(try closed.addresses(of: "8.8.4.4", port: 25, ports: EgressGuard.mailPorts).count == 1)
    }

    @Test(arguments: ["localhost", "localhost.", "LOCALHOST"])
    func `what the machine calls itself is not public`(_ host: String) {
        #expect(throws: EgressGuard.Refusal.self) {
            try EgressGuard(allow: []).addresses(of: host, port: 443, ports: EgressGuard.webhookPorts)
        }
    }

    @Test func `an allowed range opens its addresses and no others`() {
        #expect(self.refusal(of: "127.0.0.1", allow: ["127.0.0.0/8"]) == nil)
        #expect(self.refusal(of: "::ffff:127.0.0.1", allow: ["127.0.0.0/8"]) == nil)
        #expect(self.refusal(of: "::1", allow: ["127.0.0.0/8"]) != nil)
        #expect(self.refusal(of: "10.0.0.1", allow: ["127.0.0.0/8"]) != nil)
        #expect(self.refusal(of: "mail.test", allow: ["10.0.0.0/8"], answers: ["10.0.0.1", "127.0.0.1"]) != nil)
    }

    @Test(arguments: [
        (25, true), (465, true), (587, true), (2525, true), (22, false), (5432, false), (80, false), (26, false),
    ])
    func `only mail ports are open outside the allowed ranges`(_ port: Int, _ isOpen: Bool) {
        #expect((self.refusal(of: "8.8.8.8", port: port) == nil) == isOpen)
        #expect(self.refusal(of: "127.0.0.1", port: port, allow: ["127.0.0.0/8"]) == nil)
        #expect(
            (self.refusal(of: "a.test", port: port, allow: ["127.0.0.0/8"], answers: ["127.0.0.1", "8.8.8.8"]) == nil)
                == isOpen
        )
    }
}
