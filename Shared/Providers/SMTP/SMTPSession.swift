import CCurl
import Shared

/// One connection to an account's server, for a mail or a check; blocks.
struct SMTPSession: Sendable {
    let account: SMTPAccount
    let egress: EgressGuard
    let caFile: String?
    let deadline: ContinuousClock.Instant

    /// Addresses of one host that are tried when no connection comes about: one of each family, and one more.
    private static let maximumAddresses = 3
    /// For one address, in milliseconds.
    private static let connectTimeout = 5000

    /// - Parameters:
    ///   - prepare: says what is done on the connection.
    ///   - verdict: what the end of the transfer means.
    /// - Returns: the verdict, or why there was no connection.
    func run(
        _ prepare: (CurlEasy) throws(CurlFailure) -> Void,
        reading verdict: (CURLcode, SMTPDialog) -> SendOutcome
    ) -> SendOutcome {
        guard self.remaining > 0 else { return .failedTransiently(.deadlinePassed, retryAfter: nil) }
        do {
            let addresses = try self.egress.addresses(
                of: self.account.host,
                port: self.account.port,
                ports: EgressGuard.mailPorts
            )
            return self.run(prepare, at: addresses.prefix(Self.maximumAddresses), reading: verdict)
        } catch {
            switch error {
            case .unresolved(let detail):
                return .failedTransiently(ProviderError(code: "dns-failure", detail: detail), retryAfter: nil)
            case .notAllowed(let detail):
                return .accountBlocked(ProviderError(code: "address-not-allowed", detail: detail))
            }
        }
    }

    /// Milliseconds.
    private var remaining: Int { Int(ContinuousClock.now.duration(to: self.deadline).milliseconds) }

    /// Goes on to the next address only while no server has been heard.
    private func run(
        _ prepare: (CurlEasy) throws(CurlFailure) -> Void,
        at addresses: some Collection<IPAddress>,
        reading verdict: (CURLcode, SMTPDialog) -> SendOutcome
    ) -> SendOutcome {
        var outcome = SendOutcome.failedTransiently(.deadlinePassed, retryAfter: nil)
        for address in addresses where self.remaining > 0 {
            let recorder = SMTPRecorder()
            let code = self.perform(prepare, at: address, recorder)
            outcome = verdict(code, recorder.dialog)
            guard recorder.dialog.isSilent, code == CURLE_COULDNT_CONNECT || code == CURLE_OPERATION_TIMEDOUT else {
                break
            }
        }
        return outcome
    }

    private func perform(
        _ prepare: (CurlEasy) throws(CurlFailure) -> Void,
        at address: IPAddress,
        _ recorder: SMTPRecorder
    ) -> CURLcode {
        do throws(CurlFailure) {
            let curl = try CurlEasy()
            try self.setConnection(of: curl, to: address)
            try self.setSecurity(of: curl)
            try prepare(curl)
            return curl.perform(recording: recorder)
        } catch {
            return error.code
        }
    }

    private func setConnection(of curl: CurlEasy, to address: IPAddress) throws(CurlFailure) {
        try curl.set(CURLOPT_URL, self.account.url)
        try curl.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        // Whatever the name resolves to by now, and whatever the environment's proxy settings say.
        let target = address.isIPv4 ? "\(address)" : "[\(address)]"
        try curl.set(CURLOPT_CONNECT_TO, lines: ["::\(target):\(self.account.port)"])
        try curl.set(CURLOPT_PROXY, "")
        // Otherwise it would be kept for a next mail that never comes, and closed where nobody listens to its dialog.
        try curl.set(CURLOPT_FORBID_REUSE, 1)
        // No signals: this is one thread of many.
        try curl.set(CURLOPT_NOSIGNAL, 1)
        let remaining = max(self.remaining, 1)
        try curl.set(CURLOPT_TIMEOUT_MS, remaining)
        try curl.set(CURLOPT_CONNECTTIMEOUT_MS, min(remaining, Self.connectTimeout))
    }

    private func setSecurity(of curl: CurlEasy) throws(CurlFailure) {
        let useSSL = self.account.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        try curl.set(CURLOPT_USE_SSL, Int(useSSL.rawValue))
        // What came before TLS 1.2 is broken (RFC 8996).
        try curl.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        try curl.set(CURLOPT_SSL_VERIFYPEER, 1)
        try curl.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let caFile = self.caFile { try curl.set(CURLOPT_CAINFO, caFile) }
        if let login = self.account.login {
            try curl.set(CURLOPT_USERNAME, login.username)
            try curl.set(CURLOPT_PASSWORD, login.password)
        }
    }
}
