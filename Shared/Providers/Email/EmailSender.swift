import Shared

/// Whose mails an account sends, as its credentials say.
struct EmailSender: Sendable {
    let from: EmailAddress
    let name: String?
    let replyTo: EmailAddress?

    init(_ credentials: Credentials) throws(CredentialsFault) {
        guard let from = EmailAddress(try credentials.required("from")) else {
            throw CredentialsFault(detail: "The account's credential `from` must be an email address.")
        }
        self.from = from
        guard HeaderLine.isSafe(credentials["from_name"] ?? "") else {
            throw CredentialsFault(
                detail: "The account's credential `from_name` contains a line break or control character."
            )
        }
        self.name = credentials["from_name"].flatMap { $0.isEmpty ? nil : $0 }
        self.replyTo = try credentials["reply_to"].map { text throws(CredentialsFault) in
            guard let address = EmailAddress(text) else {
                throw CredentialsFault(detail: "The account's credential `reply_to` must be an email address.")
            }
            return address
        }
    }
}
