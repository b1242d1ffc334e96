import Providers
import Testing

struct MultipartFormTests {
    private func form(_ body: String, _ contentType: String? = "multipart/form-data; boundary=b") throws
        -> MultipartForm
    {
        try MultipartForm(parsing: Array(body.utf8), contentType: contentType)
    }

    private func told(_ form: MultipartForm) -> [[String]] {
        form.parts.map { part in
            [part.name, part.fileName ?? "-", part.contentType ?? "-", String(decoding: part.bytes, as: UTF8.self)]
        }
    }

    private static let head = "Content-Disposition: form-data; name=\"a\"\r\n\r\n"

    @Test(
        arguments: [
            ("--b--", []),
            ("--b--\r\nwhat comes after is left out\r\n--b\r\n", []),
            ("--b\r\n\(head)1\r\n--b--", [["a", "-", "-", "1"]]),
            ("--b\r\n\(head)\r\n--b--", [["a", "-", "-", ""]]),
            ("--b \t\r\n\(head)1\r\n--b \r\n\(head)2\r\n--b--\r\n", [["a", "-", "-", "1"], ["a", "-", "-", "2"]]),
            (
                "--b\r\n\(head)line\r\n\r\n--bx\r\n--b-\r\n-b\r\n--b--",
                [["a", "-", "-", "line\r\n\r\n--bx\r\n--b-\r\n-b"]]
            ),
            ("--b\r\n\(head)--b\n--b--\n\r\n--b--", [["a", "-", "-", "--b\n--b--\n"]]),
            (
                "--b\r\ncontent-type:  text/plain; charset=x \r\nCONTENT-DISPOSITION:Form-Data;filename=\"q \\\"\\\\ ü;=.txt\" ; NAME = a\r\n\r\n1\r\n--b--",
                [["a", "q \"\\ ü;=.txt", "text/plain; charset=x", "1"]]
            ),
            (
                "--b\r\nContent-Disposition: form-data;\r\n name=\"a\";\r\n\tfilename=\"C:\\dir\\f\"\r\nX: y\r\n\r\n1\r\n--b--",
                [["a", "C:\\dir\\f", "-", "1"]]
            ),
        ] as [(String, [[String]])]
    )
    func `parts are read in their order`(_ body: String, _ parts: [[String]]) throws {
        #expect(self.told(try self.form(body)) == parts)
    }

    @Test(arguments: [
        "", "--", "--b", "--b\r", "--b\r\n", "x--b--", "\r\n--b--", "--bx--", "--b\n\n--b--",
        "--b\r\n\(head)", "--b\r\n\(head)1", "--b\r\n\(head)1\r\n--b", "--b\r\n\(head)1\r\n--b-",
        "--b\r\n\(head)1\n--b--",
        "--b\r\n\r\n1\r\n--b--", "--b\r\nContent-Type: text/plain\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n1\r\n--b--",
        "--b\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n--b--",
    ])
    func `another form is refused`(_ body: String) {
        #expect(throws: WebhookFormatFailure.self) { try self.form(body) }
    }

    @Test(arguments: [
        nil, "", "multipart/form-data", "multipart/mixed; boundary=b", "multipart/form-data; boundary=",
        "multipart/form-data; boundary=\"\"", "multipart/form-data; boundary=\"b \"", "application/json", "boundary=b",
        "multipart/form-data; boundary=é", "multipart/form-data; boundary=\(String(repeating: "b", count: 71))",
    ])
    func `another content type is refused`(_ contentType: String?) {
        let failure = #expect(throws: WebhookFormatFailure.self) { try self.form("--b--", contentType) }
        #expect(failure?.detail.contains("multipart/form-data") == true)
    }

    @Test(arguments: [
        ("Multipart/Form-Data;charset=utf-8; BOUNDARY=b", "b"),
        ("multipart/form-data; boundary=\"a b=c;d\"; x", "a b=c;d"),
        (
            "multipart/form-data; boundary=\(String(repeating: "b", count: 70))", String(repeating: "b", count: 70)
        ),
    ])
    func `boundaries are read as RFC 2046 writes them`(_ contentType: String, _ boundary: String) throws {
        #expect(try self.form("--\(boundary)\r\n\(Self.head)1\r\n--\(boundary)--", contentType).parts.count == 1)
    }

    @Test func `there may be 100 parts and no more`() throws {
        let part = "--b\r\n\(Self.head)1\r\n"
        let most = String(repeating: part, count: MultipartForm.maximumParts)
        #expect(try self.form(most + "--b--").parts.count == 100)
        #expect(throws: WebhookFormatFailure.self) { try self.form(most + part + "--b--") }
    }

    @Test func `a part may have 8 KB of headers and no more`() throws {
        func body(padding: Int) -> String {
            let fixed = "X: \r\nContent-Disposition: form-data; name=a".utf8.count
            let filler = String(repeating: "x", count: MultipartForm.maximumHeaderBytes - fixed + padding)
            return "--b\r\nX: \(filler)\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--b--"
        }
        #expect(try self.form(body(padding: 0)).parts.count == 1)
        #expect(throws: WebhookFormatFailure.self) { try self.form(body(padding: 1)) }
    }

    /// Each repeats what makes a reader that looks back slow.
    @Test(arguments: [
        "\r\n--", "\r\n--\(String(repeating: "b", count: 69))", "\r", "\r\n", "\r\n--b", "\r\n\r\n", "  ",
    ])
    func `hostile bytes cost no more than others`(_ pattern: String) throws {
        let filler = Array(String(repeating: pattern, count: 1_000_000 / pattern.utf8.count).utf8)
        let boundary = String(repeating: "b", count: 70)
        let body = Array("--\(boundary)\r\n\(Self.head)".utf8) + filler + Array("\r\n--\(boundary)--".utf8)
        let clock = ContinuousClock()
        let start = clock.now
        let form = try MultipartForm(parsing: body, contentType: "multipart/form-data; boundary=\(boundary)")
        #expect(form["a"]?.bytes.count == filler.count)
        #expect(clock.now - start < .seconds(20))
    }
}
