import Providers
import Shared
import Testing

/// The vector of the specification's own libraries.
struct StandardWebhooksTests {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    static let seconds: Int64 = 1_614_265_330
    static let body = Array(#"{"test": 2432232314}"#.utf8)
    static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private func check(
        _ signature: String? = Self.signature,
        id: String? = Self.id,
        timestamp: String? = "\(Self.seconds)",
        body: [UInt8] = Self.body,
        secret: String? = Self.secret,
        secondsLater: Int64 = 0
    ) -> WebhookSignatureFailure? {
        do {
            try StandardWebhooks.verify(
                body: body,
                id: id,
                timestamp: timestamp,
                signature: signature,
                secret: secret,
                now: Timestamp(microseconds: (Self.seconds + secondsLater) * 1_000_000)
            )
            return nil
        } catch {
            return error
        }
    }

    @Test func `what is signed is what the specification signs`() {
        let signature = StandardWebhooks.sign(id: Self.id, seconds: Self.seconds, body: Self.body, secret: Self.secret)
        #expect(signature == Self.signature)
        #expect(self.check() == nil)
    }

    @Test(arguments: ["a", "whsec", "a longer secret with spaces é"])
    func `a secret without the prefix is the key itself`(_ secret: String) {
        let signature = StandardWebhooks.sign(id: "1", seconds: Self.seconds, body: Self.body, secret: secret)
        #expect(self.check(signature, id: "1", secret: secret) == nil)
        #expect(self.check(signature, id: "1", secret: secret + "x") == .mismatch)
    }

    @Test(arguments: [nil, "", "whsec_", "whsec_not base64!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS"])
    func `without a secret nothing is trusted, and nothing signed`(_ secret: String?) {
        #expect(self.check(secret: secret) == .notConfigured)
        #expect(StandardWebhooks.sign(id: "1", seconds: 1, body: [], secret: secret ?? "") == nil)
    }

    private static let other = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    @Test(
        arguments: [
            ("\(other) \(signature)", nil), ("\(signature) \(other)", nil), ("v1a,AAAA \(signature)", nil),
            (" \(signature) ", nil), ("v2,\(signature.dropFirst(3)) \(signature)", nil), (nil, .missing),
            ("", .malformed),
            ("v1", .malformed), ("v1,", .malformed), ("v1,AAAA", .malformed),
            (String(signature.dropFirst(3)), .malformed),
            ("V1,\(signature.dropFirst(3))", .malformed), ("v1a,\(signature.dropFirst(3))", .malformed),
            ("v1, \(signature.dropFirst(3))", .malformed), ("\(signature),\(signature)", .malformed),
            (other, .mismatch),
            ("\(other) \(other)", .mismatch),
        ] as [(String?, WebhookSignatureFailure?)]
    )
    func `one of the listed signatures must fit`(_ header: String?, _ failure: WebhookSignatureFailure?) {
        #expect(self.check(header) == failure)
    }

    @Test func `id, timestamp and body are all signed`() {
        #expect(self.check(id: nil) == .missing)
        #expect(self.check(id: "") == .malformed)
        #expect(self.check(id: "msg_other") == .mismatch)
        #expect(self.check(timestamp: nil) == .missing)
        #expect(self.check(timestamp: "soon") == .malformed)
        #expect(self.check(timestamp: "\(Self.seconds + 1)") == .mismatch)
        #expect(self.check(timestamp: "0\(Self.seconds)") == .mismatch)
        #expect(self.check(body: Self.body + [0x20]) == .mismatch)
    }

    @Test(
        arguments: [(0, nil), (300, nil), (-300, nil), (301, .expired), (-301, .expired)]
            as [(Int64, WebhookSignatureFailure?)]
    )
    func `a signature is good for five minutes to either side`(_ seconds: Int64, _ failure: WebhookSignatureFailure?) {
        #expect(self.check(secondsLater: seconds) == failure)
        #expect(self.check(Self.other, secondsLater: seconds) == .mismatch)
    }
}
