import Shared
import Testing

struct AttachmentRulesTests {
    @Test(arguments: ["invoice.pdf", "Счёт № 1.pdf", "a", "a b (1).tar.gz", String(repeating: "x", count: 200)])
    func `a name is any line without a path`(_ name: String) {
        #expect(AttachmentRules.isName(name))
    }

    @Test(arguments: [
        "", ".", "..", "a/b", "a\\b", "a\r\nb", "a\0", "a\u{2028}b", "a\u{85}", String(repeating: "x", count: 201),
    ])
    func `what could be a path or another header is no name`(_ name: String) {
        #expect(!AttachmentRules.isName(name))
    }

    @Test(arguments: [
        "application/pdf", "image/svg+xml", "text/plain", "application/vnd.ms-excel", "application/x-7z-compressed",
    ])
    func `a type is two names`(_ type: String) {
        #expect(AttachmentRules.isType(type))
    }

    @Test(arguments: [
        "", "pdf", "a/", "/b", "a/b/c", "text/plain; charset=utf-8", "text/pl ain", "text/x\r\nX: y", "multipart/mixed",
        "message/rfc822", "MESSAGE/partial", "tëxt/plain", "a/" + String(repeating: "b", count: 126),
    ])
    func `parameters, mails and all else are no type`(_ type: String) {
        #expect(!AttachmentRules.isType(type))
    }
}
