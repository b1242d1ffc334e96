import CCurl
import Shared

/// Connects to the account's server, with TLS and login as for a mail, and says `NOOP` and `QUIT`.
extension SMTPProvider: CheckProvider {
    func check(_ credentials: Credentials, before deadline: ContinuousClock.Instant) async -> CredentialCheck {
        let account: SMTPAccount
        do {
            account = try SMTPAccount(credentials)
        } catch {
            return .refused(error.error)
        }
        let session = SMTPSession(account: account, egress: self.egress, caFile: self.caFile, deadline: deadline)
        let outcome = await self.threads.run {
            session.run(
                { curl throws(CurlFailure) in
                    try curl.set(CURLOPT_CUSTOMREQUEST, "NOOP")
                    try curl.set(CURLOPT_NOBODY, 1)
                },
                reading: { SMTPVerdict.outcome(of: $0, after: $1, messageID: "") }
            )
        }
        guard case .accepted = outcome else { return CredentialCheck(failed: outcome) }
        let detail = account.login == nil ? "The mail server answers." : "The mail server answers, and takes the login."
        return .ok(detail)
    }
}
