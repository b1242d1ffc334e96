import Providers
import Testing

/// Vectors made with OpenSSL: `openssl dgst -sha256 -hmac app-secret`.
struct WhatsAppSignatureTests {
    static let body = Array(#"{"object":"whatsapp_business_account","entry":[]}"#.utf8)
    static let code = "d3e4f9da0ce6c71ab3dba55929b8eeeee2455349e534924ead19f98d143e904f"

    private func check(_ header: String?, body: [UInt8] = Self.body, secret: String? = "app-secret")
        -> WebhookSignatureFailure?
    {
        do {
            try WhatsAppSignature.verify(body: body, header: header, appSecret: secret)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["sha256=\(Self.code)", "sha256=\(Self.code.uppercased())"])
    func `the right code is accepted in either case`(_ header: String) {
        #expect(self.check(header) == nil)
    }

    @Test(
        arguments: [
            (nil, .missing),
            ("", .malformed),
            (Self.code, .malformed),
            ("sha256=", .malformed),
            ("sha256=\(Self.code.dropLast(2))", .malformed),
            ("sha256=\(Self.code)00", .malformed),
            ("sha256=\(Self.code.dropLast())g", .malformed),
            ("sha256= \(Self.code)", .malformed),
            ("sha1=9759b9386dc2668da67aebfacb40d33ff46150f0", .malformed),
            ("sha256=\(Self.code.dropLast())e", .mismatch),
        ] as [(String?, WebhookSignatureFailure)]
    )
    func `anything else is refused`(_ header: String?, _ failure: WebhookSignatureFailure) {
        #expect(self.check(header) == failure)
    }

    @Test func `one byte more, or another secret, is refused`() {
        #expect(self.check("sha256=\(Self.code)", body: Self.body + [0x20]) == .mismatch)
        #expect(self.check("sha256=\(Self.code)", secret: "another") == .mismatch)
    }

    @Test(arguments: [nil, ""])
    func `without a secret even the code of the empty secret is refused`(_ secret: String?) {
        let code = "704eb71c28bbe7c091ca5b8f9446c2bceec023435f33ff17e7fb9634d46333bc"
        #expect(self.check("sha256=\(code)", secret: secret) == .notConfigured)
    }
}
