/// What a provider says of an account's credentials when it is asked, without a message.
package struct CredentialCheck: Sendable, Equatable, Codable {
    package enum Status: String, Sendable, CaseIterable, Codable {
        /// The provider takes them.
        case ok
        /// The provider, or the egress guard, said no: the account can not send as it is.
        case refused
        /// Nobody said anything that decides: asking again may help.
        case unreachable
    }

    package let status: Status
    /// As in the errors of attempts; nil when all is well.
    package let code: String?
    /// One sentence; no secret.
    package let detail: String

    private init(_ status: Status, code: String?, detail: String) {
        self.status = status
        self.code = code
        self.detail = detail
    }

    package static func ok(_ detail: String) -> Self { Self(.ok, code: nil, detail: detail) }

    package static func refused(_ error: ProviderError) -> Self {
        Self(.refused, code: error.code, detail: error.detail)
    }

    package static func unreachable(_ error: ProviderError) -> Self {
        Self(.unreachable, code: error.code, detail: error.detail)
    }

    /// The same without what `credentials` hold: a provider may quote the token that it refuses.
    package func redacted(by credentials: Credentials) -> Self {
        Self(self.status, code: self.code, detail: credentials.redact(self.detail))
    }
}
