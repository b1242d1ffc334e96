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
        ("a.pdf", "attachment; filename=\"a.pdf\""), ("a \"b\" \\c", #"attachment; filename="a \"b\" \\c""#),
        ("é;.pdf", "attachment;\r\n filename*0*=UTF-8''%C3%A9%3B.pdf"),
    ])
    func `a file's name is quoted or percent-encoded`(_ name: String, _ header: String) {
        #expect(HeaderText.attachment(named: name) == header)
    }

    @Test func `a long name goes over several short lines`() {
        let lines = HeaderText.attachment(named: String(repeating: "я", count: 200)).components(separatedBy: "\r\n")
        #expect(lines.count > 20 && lines.allSatisfy { $0.utf8.count <= 78 })
        #expect(lines.dropFirst().joined().count { $0 == "%" } == 400)
    }

    @Test(arguments: [
        ("2026-11-21T10:00:00Z", "Sat, 21 Nov 2026 10:00:00 +0000"),
        ("2024-02-29T23:59:59Z", "Thu, 29 Feb 2024 23:59:59 +0000"),
    ])
    func `a date is written as mail has it`(_ time: String, _ text: String) throws {
        #expect(MailDate.text(try #require(Timestamp(time))) == text)
    }
}
