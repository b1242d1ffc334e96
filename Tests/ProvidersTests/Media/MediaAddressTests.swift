import Testing

@testable import Providers

@Suite struct MediaAddressTests {
    @Test(arguments: [
        ("https://Example.com/a?b=c#d", "example.com", 443, "https://example.com/a?b=c"),
        ("HTTP://127.0.0.1:8080/", "127.0.0.1", 8080, "http://127.0.0.1:8080/"),
        ("https://[2001:DB8::1]/x", "2001:db8::1", 443, "https://[2001:db8::1]/x"),
    ])
    func anAddressIsRead(text: String, host: String, port: Int, whole: String) throws {
        let address = try MediaAddress(text)
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.text == whole)
    }

    @Test(arguments: [
        "", "x", "/path", "ftp://example.com/", "file:///etc/passwd", "https:///x", "https://user@example.com/",
        "https://user:password@example.com/", "javascript:alert(1)", "https://exa mple.com/",
    ])
    func whatIsNoneIsRefused(text: String) {
        #expect(throws: MediaRefusal.self) { try MediaAddress(text) }
    }

    @Test(arguments: [
        ("/b", "https://example.com/b", true), ("c", "https://example.com/a/c", true),
        ("https://example.com:443/d", "https://example.com:443/d", true),
        ("//other.com/e", "https://other.com/e", false),
        ("http://example.com/f", "http://example.com/f", false),
        ("https://example.com:8443/", "https://example.com:8443/", false),
    ])
    func aRedirectLeadsSomewhere(location: String, whole: String, isSame: Bool) throws {
        let first = try MediaAddress("https://example.com/a/b")
        let next = try first.following(location)
        #expect(next.text == whole)
        #expect(next.hasOrigin(of: first) == isSame)
    }
}
