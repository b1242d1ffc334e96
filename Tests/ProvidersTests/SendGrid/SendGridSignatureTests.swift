import Providers
import Shared
import Testing

/// The vector of SendGrid's own libraries.
struct SendGridSignatureTests {
    static let publicKey =
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
    static let signature =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="
    static let timestamp = "1600112502"
    static let body = Array(
        (#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#
            + #""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#
            + #""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#
            + #""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"# + "\r\n")
            .utf8
    )

    private func check(
        _ signature: String? = Self.signature,
        timestamp: String? = Self.timestamp,
        body: [UInt8] = Self.body,
        publicKey: String? = Self.publicKey,
        secondsLater: Int64 = 0
    ) -> WebhookSignatureFailure? {
        do {
            try SendGridSignature.verify(
                body: body,
                signature: signature,
                timestamp: timestamp,
                publicKey: publicKey,
                now: Timestamp(microseconds: (1_600_112_502 + secondsLater) * 1_000_000)
            )
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [0, 1, 86_400, -600]) func `the right signature is accepted for a day, and ten minutes ahead`(
        _ seconds: Int64
    ) {
        #expect(self.check(secondsLater: seconds) == nil)
    }

    @Test(arguments: [86_401, -601, 900_000]) func `after that it is too old`(_ seconds: Int64) {
        #expect(self.check(secondsLater: seconds) == .expired)
        #expect(self.check(body: Self.body + [0x20], secondsLater: seconds) == .mismatch)
    }

    @Test(
        arguments: [
            (nil, .missing), ("", .malformed), ("not base64!", .malformed), ("AAAA", .malformed),
            (String(Self.signature.dropLast(4)), .malformed), (Self.publicKey, .malformed),
            (
                "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH2j/0=",
                .mismatch
            ),
        ] as [(String?, WebhookSignatureFailure)]
    )
    func `any other signature is refused`(_ signature: String?, _ failure: WebhookSignatureFailure) {
        #expect(self.check(signature) == failure)
    }

    @Test(
        arguments: [
            (nil, .missing), ("", .malformed), ("now", .malformed), ("-1600112502", .malformed),
            ("99999999999999999999", .malformed), ("1600112503", .mismatch), ("01600112502", .mismatch),
            (" 1600112502", .malformed),
        ] as [(String?, WebhookSignatureFailure)]
    )
    func `any other timestamp is refused`(_ timestamp: String?, _ failure: WebhookSignatureFailure) {
        #expect(self.check(timestamp: timestamp) == failure)
    }

    @Test func `every byte of the body counts`() {
        #expect(self.check(body: Self.body.dropLast(2)) == .mismatch)
        #expect(self.check(body: []) == .mismatch)
    }

    @Test(arguments: [nil, "", "AAAA", "not base64!", String(Self.publicKey.dropLast(8)), "whsec_AAAA"])
    func `without a key nothing is trusted`(_ key: String?) {
        #expect(self.check(publicKey: key) == .notConfigured)
        #expect(self.check(nil, publicKey: key) == .notConfigured)
    }
}
