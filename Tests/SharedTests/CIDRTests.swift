import Shared
import Testing

struct CIDRTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"), ("192.168.1.128/25", "192.168.1.255", "192.168.1.127"),
        ("0.0.0.0/0", "255.255.255.255", "::1"), ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
        ("127.0.0.1/32", "127.0.0.1", "127.0.0.0"), ("fd00::/8", "fdff::1", "fc00::1"), ("::1", "::1", "::2"),
        ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
    ])
    func `a range holds its addresses`(_ range: String, _ inside: String, _ outside: String) throws {
        let range = try #require(CIDR(range))
        #expect(range.contains(try #require(IPAddress(inside))))
        #expect(!range.contains(try #require(IPAddress(outside))))
        #expect(CIDR(range.description) == range)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "10.0.0/8", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "::/129",
        "fd00::1/8", "10.0.0.0/ 8", "localhost", "010.0.0.0/8", "[::1]/128", "10.0.0.0/٨",
    ])
    func `what is no range is refused`(_ text: String) {
        #expect(CIDR(text) == nil)
    }

    @Test(arguments: ["127.0.0.1", "::1", "2001:db8::1", "::ffff:10.0.0.1"])
    func `an address is written as it is read`(_ text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        "127.1", "0x7f.0.0.1", "01.2.3.4", "1.2.3.4 ", "fe80::1%lo", "[::1]", "1.2.3", ":::1", "1.2.3.256", "1.2.3.4\0",
    ])
    func `an address has one spelling`(_ text: String) {
        #expect(IPAddress(text) == nil)
    }
}
