import Shared

/// The mail server of an account, and how to speak to it.
struct SMTPAccount: Sendable {
    enum Security: String, Sendable, CaseIterable {
        case none
        /// STARTTLS is required: a server that does not offer it gets nothing.
        case starttls
        /// TLS from the first byte.
        case implicit

        var usualPort: Int {
            switch self {
            case .none: 25
            case .starttls: 587
            case .implicit: 465
            }
        }
    }

    struct Login: Sendable {
        let username: String
        let password: String
    }

    let host: String
    let port: Int
    let security: Security
    /// Nil for a server that asks for none.
    let login: Login?
    let sender: EmailSender

    /// Reads `host, port, tls, username, password` and what `EmailSender` has; `tls` is `starttls` when left out, and the port the usual one.
    init(_ credentials: Credentials) throws(CredentialsFault) {
        self.host = try credentials.required("host")
        guard let security = Security(rawValue: credentials["tls"] ?? Security.starttls.rawValue) else {
            throw CredentialsFault(detail: "The account's credential `tls` must be `none`, `starttls` or `implicit`.")
        }
        self.security = security
        let port = credentials["port"] ?? String(security.usualPort)
        guard let number = Int(port), (1...65535).contains(number) else {
            throw CredentialsFault(detail: "The account's credential `port` must be a number from 1 to 65535.")
        }
        self.port = number
        self.login = try Self.login(credentials)
        self.sender = try EmailSender(credentials)
    }

    private static func login(_ credentials: Credentials) throws(CredentialsFault) -> Login? {
        guard let username = credentials["username"], !username.isEmpty else { return nil }
        guard let password = credentials["password"], !password.isEmpty else {
            throw CredentialsFault(detail: "The account has a `username` and needs a `password`.")
        }
        guard HeaderLine.isSafe(username), HeaderLine.isSafe(password) else {
            throw CredentialsFault(detail: "The account's `username` or `password` contains a control character.")
        }
        return Login(username: username, password: password)
    }

    /// Of the connection; the path is the name that we greet the server with.
    var url: String {
        let scheme = self.security == .implicit ? "smtps" : "smtp"
        let host = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(scheme)://\(host):\(self.port)/\(self.sender.from.domain)"
    }
}
