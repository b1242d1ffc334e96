import Shared

/// A credential that is missing or can not be right: nothing is sent, and the account waits for its owner.
struct CredentialsFault: Error, Equatable {
    let detail: String

    var outcome: SendOutcome { .accountBlocked(self.error) }
    var error: ProviderError { ProviderError(code: "credentials-invalid", detail: self.detail) }
}

extension Credentials {
    /// The value of a credential that must be there.
    ///
    /// It ends up in a header, a URL or a command: control characters and spaces are refused.
    func required(_ name: String) throws(CredentialsFault) -> String {
        guard let value = self[name], !value.isEmpty else {
            throw CredentialsFault(detail: "The account's credential `\(name)` is missing.")
        }
        guard value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw CredentialsFault(
                detail: "The account's credential `\(name)` contains a space or a control character."
            )
        }
        return value
    }

    /// The same for a value that is one segment of a URL's path: letters and digits only.
    func requiredSegment(_ name: String) throws(CredentialsFault) -> String {
        let value = try self.required(name)
        guard value.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit }) else {
            throw CredentialsFault(detail: "The account's credential `\(name)` must be letters and digits only.")
        }
        return value
    }
}

extension UInt8 {
    var isASCIIDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isASCIILetter: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self)
    }
}
