import Providers
import Testing

/// Vectors made with Python's `hmac`; the first is the one of Twilio's own documentation.
struct TwilioSignatureTests {
    static let url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    static let parameters = [
        ("To", "+18005551212"), ("CallSid", "CA1234567890ABCDE"), ("From", "+14158675309"), ("Digits", "1234"),
        ("Caller", "+14158675309"),
    ]
    static let code = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    static let codeWithPort = "kvajT1Ptam85bY51eRf/AJRuM3w="

    private func check(
        _ header: String?,
        url: String = Self.url,
        _ parameters: [(String, String)] = Self.parameters,
        token: String? = "12345"
    ) -> WebhookSignatureFailure? {
        self.check(header, url: url, .form(FormParameters(parameters)), token: token)
    }

    private func check(
        _ header: String?,
        url: String,
        _ content: TwilioSignature.Content,
        token: String? = "12345"
    ) -> WebhookSignatureFailure? {
        do {
            try TwilioSignature.verify(url: url, content: content, header: header, authToken: token)
            return nil
        } catch {
            return error
        }
    }

    @Test func `the code of the documentation is accepted, whatever the order`() {
        #expect(self.check(Self.code) == nil)
        #expect(self.check(Self.code, Self.parameters.reversed()) == nil)
    }

    @Test(arguments: ["https://mycompany.com", "https://mycompany.com:443"])
    func `the default port may be there or not, on either side`(_ origin: String) {
        let url = "\(origin)/myapp.php?foo=1&bar=2"
        #expect(self.check(Self.code, url: url) == nil)
        #expect(self.check(Self.codeWithPort, url: url) == nil)
    }

    @Test(arguments: [
        "https://mycompany.com:8443/myapp.php?foo=1&bar=2", "http://mycompany.com/myapp.php?foo=1&bar=2",
        "https://mycompany.com/myapp.php?foo=1", "https://mycompany.com/myapp.php?bar=2&foo=1",
    ])
    func `another URL is refused`(_ url: String) {
        #expect(self.check(Self.code, url: url) == .mismatch)
    }

    @Test func `values of one name count once and in order, empty ones count, spaces stay`() {
        let parameters = [("Media", "b"), ("Empty", ""), ("Media", "a"), ("Body", " hé "), ("Media", "b")]
        #expect(self.check("NgdHQ6vBaWPwTSZSfGNVYGTgQbQ=", parameters) == nil)
        #expect(self.check("NgdHQ6vBaWPwTSZSfGNVYGTgQbQ=", parameters + [("Media", "c")]) == .mismatch)
    }

    @Test func `values that differ in Unicode normalization only are two`() {
        #expect(self.check("m/226lMDCeSZK5dTWOhOczPoGmQ=", [("Body", "\u{e9}"), ("Body", "e\u{301}")]) == nil)
    }

    @Test func `a JSON body is signed by its digest in the URL`() {
        let url =
            "https://example.com/status?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
        let code = "mFfNY2aWMyCwJJqD4DkJDFMjGjU="
        #expect(self.check(code, url: url, .json(Array(#"{"a":1}"#.utf8))) == nil)
        #expect(self.check(code, url: url, .json(Array(#"{"a":2}"#.utf8))) == .mismatch)
        #expect(self.check(Self.code, url: Self.url, .json([])) == .mismatch)
    }

    @Test(
        arguments: [
            (nil, .missing), ("", .malformed), ("not base64!", .malformed), ("AAAA", .malformed),
            (Self.codeWithPort + "A", .malformed),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAAA=", .mismatch),
        ] as [(String?, WebhookSignatureFailure)]
    )
    func `anything else is refused`(_ header: String?, _ failure: WebhookSignatureFailure) {
        #expect(self.check(header) == failure)
    }

    @Test(arguments: [nil, ""]) func `without a token nothing is trusted`(_ token: String?) {
        #expect(self.check(Self.code, token: token) == .notConfigured)
        #expect(self.check(Self.code, token: "another") == .mismatch)
    }
}
