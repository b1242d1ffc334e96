import Foundation
import Shared
import Testing

@testable import Providers

struct HeaderTextTests {
    @Test(arguments: [
        ("Hello", "Hello"), ("", ""), ("é", "=?UTF-8?B?w6k=?="), ("=?UTF-8?Q?x?=", "=?UTF-8?B?PT9VVEYtOD9RP3g/PQ==?="),
    ])
    func `short ASCII stays, the rest is encoded`(_ text: String, _ header: String) {
        #expect(HeaderText.unstructured(text) == header)
    }

    @Test(arguments: ["a", "é", "😀", "я 😀e\u{301} "])
    func `encoded words are short, whole and complete`(_ piece: String) {
        let text = String(repeating: piece, count: 100)
        let words = HeaderText.unstructured(text).components(separatedBy: "\r\n ")
        #expect(words.count > 1)
        let decoded = words.map { word -> String in
            #expect(word.utf8.count <= 60 && word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?="))
            let data = Data(base64Encoded: String(word.dropFirst(10).dropLast(2))) ?? Data()
            return String(validating: data, as: UTF8.self) ?? "broken"
        }
        #expect(decoded.joined() == text)
    }

    @Test func `a plain name is a quoted string`() {
        #expect(HeaderText.phrase(#"A "B" \C"#) == #""A \"B\" \\C""#)
        #expect(HeaderText.phrase("Café") == "=?UTF-8?B?Q2Fmw6k=?=")
    }

    @Test(arguments: [
        ("2026-11-21T10:00:00Z", "Sat, 21 Nov 2026 10:00:00 +0000"),
        ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 +0000"),
    ])
    func `a date is written as mail has it`(_ time: String, _ text: String) throws {
        #expect(MailDate.text(try #require(Timestamp(time))) == text)
    }
}
