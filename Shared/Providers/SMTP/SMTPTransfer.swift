import CCurl
import Shared

/// Hands one mail to its account's server; blocks.
struct SMTPTransfer: Sendable {
    let session: SMTPSession
    let mail: Mail

    func callAsFunction() -> SendOutcome {
        self.session.run(
            { curl throws(CurlFailure) in
                try curl.set(CURLOPT_MAIL_FROM, "<\(self.mail.from)>")
                try curl.set(CURLOPT_MAIL_RCPT, lines: ["<\(self.mail.to)>"])
                try curl.set(CURLOPT_HTTPHEADER, lines: self.mail.headers)
                try curl.setContent(of: self.mail)
            },
            reading: { SMTPVerdict.outcome(of: $0, after: $1, messageID: self.mail.messageID) }
        )
    }
}
