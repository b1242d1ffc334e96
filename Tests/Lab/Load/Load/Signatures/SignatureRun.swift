import Crypto
import Foundation
import Providers

/// Times one way to compare a signature that is wrong from some byte on.
struct SignatureRun {
    enum Comparison {
        /// As inbound-gateway verifies webhooks.
        case ours
        /// The same MAC, compared byte by byte up to the first difference.
        case naive
    }

    private struct Signature {
        let code: [UInt8]
        let header: String
    }

    private static let secret = "the secret of an app of Meta"
    /// Calls that are timed together: a clock is read less often than a MAC is made.
    private static let together = 50

    private let comparison: Comparison
    private let body = Array(#"{"object":"whatsapp_business_account","entry":[]}"#.utf8)
    private let code: [UInt8]

    init(_ comparison: Comparison) {
        self.comparison = comparison
        self.code = Self.code(of: self.body)
    }

    /// The trend of the medians over 0 to 31 right bytes.
    func callAsFunction(calls: Int) -> Trend {
        let signatures = (0..<self.code.count).map { right in
            var code = self.code
            // All that follows is wrong too, so that nothing but the first difference tells.
            for index in right..<code.count { code[index] ^= 0xFF }
            return Signature(code: code, header: "sha256=" + code.map { String(format: "%02x", $0) }.joined())
        }
        let rounds = max(1, calls / Self.together / signatures.count)
        var times = Array(repeating: [Double](), count: signatures.count)
        for _ in 0..<rounds {
            for right in signatures.indices.shuffled() {
                let start = ContinuousClock.now
                for _ in 0..<Self.together { self.compare(signatures[right]) }
                times[right].append((ContinuousClock.now - start) / .nanoseconds(1) / Double(Self.together))
            }
        }
        return Trend(times.map { $0.sorted()[$0.count / 2] })
    }

    @inline(never) private func compare(_ signature: Signature) {
        switch self.comparison {
        case .ours: try? WhatsAppSignature.verify(body: self.body, header: signature.header, appSecret: Self.secret)
        case .naive: _ = self.isEqual(signature.code)
        }
    }

    @inline(never) private func isEqual(_ code: [UInt8]) -> Bool {
        let right = Self.code(of: self.body)
        for index in right.indices where code[index] != right[index] { return false }
        return true
    }

    private static func code(of body: [UInt8]) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(self.secret.utf8))))
    }
}
