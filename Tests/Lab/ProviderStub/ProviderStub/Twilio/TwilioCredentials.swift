import Foundation
import HTTPTypes

/// Who calls: the account's SID and token, or an API key of it.
struct TwilioCredentials {
    let token: String

    /// Reads `Authorization: Basic`.
    ///
    /// - Parameters:
    ///   - headers: of the request.
    ///   - accountSID: of the path; the user must be this account or an API key (`SK...`).
    ///   - expectedToken: the one accepted token, or nil for any.
    /// - Throws: `TwilioFailure.unauthorized`.
    init(headers: HTTPFields, accountSID: String, expectedToken: String?) throws(TwilioFailure) {
        guard let header = headers[.authorization], header.hasPrefix("Basic "),
            let decoded = Data(base64Encoded: String(header.dropFirst("Basic ".count))),
            let separator = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { throw .unauthorized }
        let user = String(decoding: decoded[..<separator], as: UTF8.self)
        let token = String(decoding: decoded[separator...].dropFirst(), as: UTF8.self)
        guard user == accountSID || user.hasPrefix("SK"), !token.isEmpty, token != RevokedToken.text,
            token == expectedToken ?? token
        else {
            throw .unauthorized
        }
        self.token = token
    }
}
