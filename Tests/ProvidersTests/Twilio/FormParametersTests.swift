import Providers
import Testing

struct FormParametersTests {
    @Test(arguments: [
        ("", []),
        ("a=1&b=2&a=3", [["a", "1"], ["b", "2"], ["a", "3"]]),
        ("a", [["a", ""]]),
        ("a=", [["a", ""]]),
        ("=v", [["", "v"]]),
        ("&&a=1&&", [["a", "1"]]),
        ("a=b=c", [["a", "b=c"]]),
        ("To=%2B1555&Body=a+b%20c%26d%3D", [["To", "+1555"], ["Body", "a b c&d="]]),
        ("Body=%F0%9F%98%80%c3%a9", [["Body", "😀é"]]),
        ("a=\u{e9}", [["a", "é"]]),
    ])
    func `pairs are decoded in order`(_ text: String, _ pairs: [[String]]) throws {
        #expect(try FormParameters(parsing: text.utf8).pairs.map { [$0.name, $0.value] } == pairs)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%4g", "%zz=1", "a=%ff", "a=%ed%a0%80"])
    func `a broken escape and broken UTF-8 are refused`(_ text: String) {
        #expect(throws: WebhookFormatFailure.self) { try FormParameters(parsing: text.utf8) }
    }

    @Test func `there may be 500 pairs and no more`() throws {
        let most = Array(repeating: "a=1", count: FormParameters.maximumPairs).joined(separator: "&")
        #expect(try FormParameters(parsing: most.utf8).pairs.count == 500)
        #expect(throws: WebhookFormatFailure.self) { try FormParameters(parsing: (most + "&a=1").utf8) }
    }

    @Test func `what is written is read again`() throws {
        let form = FormParameters([("Body", "a b+c&d=e%\r\n😀é*-._~"), ("", ""), ("To", "+1555")])
        #expect(try FormParameters(parsing: form.bytes) == form)
        #expect(String(decoding: FormParameters([("To", "+1 é")]).bytes, as: UTF8.self) == "To=%2B1+%C3%A9")
    }
}
