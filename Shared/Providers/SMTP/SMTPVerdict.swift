import CCurl
import Shared

/// Turns the end of a transfer into an outcome.
enum SMTPVerdict {
    static func outcome(of code: CURLcode, after dialog: SMTPDialog, messageID: String) -> SendOutcome {
        if let reply = dialog.finalReply {
            return reply.code < 400
                ? .accepted(providerMessageID: messageID) : Self.refusal(reply, command: "DATA")
        }
        if code == CURLE_OK { return .accepted(providerMessageID: messageID) }
        let failure = Self.failure(code)
        // The final dot may have left, and its answer been lost (RFC 1047).
        if dialog.hasDataBegun { return .uncertain(failure) }
        if code == CURLE_LOGIN_DENIED {
            guard let reply = dialog.loginRefusal else { return .accountBlocked(failure) }
            let error = Self.error(reply)
            return reply.code < 500 ? .failedTransiently(error, retryAfter: nil) : .accountBlocked(error)
        }
        if let reply = dialog.reply, reply.code >= 400 { return Self.refusal(reply, command: dialog.command) }
        return .failedTransiently(failure, retryAfter: nil)
    }

    /// 4xx may pass, 5xx not; what concerns the login, or was said before any message was named, concerns the account.
    private static func refusal(_ reply: SMTPDialog.Reply, command: String?) -> SendOutcome {
        if reply.code < 500 { return .failedTransiently(Self.error(reply), retryAfter: nil) }
        let isBounce = ["RCPT", "DATA"].contains(command) && reply.saysAddressIsDead
        let error = Self.error(reply, isHardBounce: isBounce ? true : nil)
        let isLogin = [530, 534, 535, 538].contains(reply.code)
        let isMessage = ["MAIL", "RCPT", "DATA"].contains(command)
        return isLogin || !isMessage ? .accountBlocked(error) : .rejected(error)
    }

    private static func error(_ reply: SMTPDialog.Reply, isHardBounce: Bool? = nil) -> ProviderError {
        ProviderError(
            code: "smtp-\(reply.code)",
            detail: "The mail server answered: \(reply.text)",
            response: reply.text,
            isHardBounce: isHardBounce
        )
    }

    private static func failure(_ code: CURLcode) -> ProviderError {
        let name =
            switch code {
            case CURLE_COULDNT_CONNECT: "connection-refused"
            case CURLE_COULDNT_RESOLVE_HOST: "dns-failure"
            case CURLE_OPERATION_TIMEDOUT: "timeout"
            case CURLE_LOGIN_DENIED: "login-impossible"
            case CURLE_PEER_FAILED_VERIFICATION: "tls-certificate"
            case CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER: "tls-failed"
            default: "connection-lost"
            }
        return ProviderError(code: name, detail: "No mail can be handed over: \(CurlEasy.text(of: code)).")
    }
}

extension SMTPDialog.Reply {
    /// Codes of RFC 3463 and RFC 7505 that are about the recipient's address, for good.
    ///
    /// 5.1.7 and 5.1.8 are about the sender's; a 550 without such a code may mean anything.
    private static let ofDeadAddresses: Set<Substring> = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"]

    fileprivate var saysAddressIsDead: Bool {
        let words = self.text.dropFirst(4).split(separator: " ", maxSplits: 1)
        return words.first.map(Self.ofDeadAddresses.contains) ?? false
    }
}
