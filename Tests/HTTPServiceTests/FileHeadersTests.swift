import HTTPService
import Testing

/// Files that somebody else made, on their way to a browser.
@Suite struct FileHeadersTests {
    @Test(
        arguments: [
            ("image/jpeg", "image/jpeg"), ("IMAGE/PNG; charset=x", "image/png"),
            ("audio/ogg; codecs=opus", "audio/ogg"),
            ("video/mp4", "video/mp4"), ("application/pdf", "application/pdf"), ("text/plain", "text/plain"),
            ("application/vnd.ms-excel", "application/vnd.ms-excel"), ("text/html", nil), ("image/svg+xml", nil),
            ("application/xhtml+xml", nil), ("application/vnd.x+xml", nil), ("text/xml", nil), ("text/javascript", nil),
            ("application/javascript", nil), ("", nil), ("image/", nil), ("image/png\r\nx: y", nil),
            ("multipart/mixed", nil),
        ] as [(String, String?)]
    )
    func noTypeThatABrowserRunsIsPassedOn(told: String, shown: String?) {
        #expect(SafeMediaType(told).text == shown ?? "application/octet-stream")
    }

    @Test(
        arguments: [
            (nil, "attachment"), ("", "attachment"), ("a b.pdf", "attachment; filename*=UTF-8''a%20b.pdf"),
            ("\"\r\n/\\;", "attachment; filename*=UTF-8''%22%0D%0A%2F%5C%3B"),
        ] as [(String?, String)]
    )
    func aNameCanNotLeaveItsHeader(name: String?, header: String) {
        #expect(ContentDisposition(fileName: name).text == header)
    }
}
