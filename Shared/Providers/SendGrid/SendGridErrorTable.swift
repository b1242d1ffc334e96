import Shared

/// What SendGrid's errors mean: it has no codes, but a status, and a sentence for each error.
///
/// - Source: Twilio, "Errors" of the SendGrid v3 API, and "Mail Send Errors".
enum SendGridErrorTable {
    static func verdict(_ status: Int, _ errors: [JSONValue]) -> ProviderVerdict {
        switch status {
        // The key, the plan, the sender's identity, or an address of ours that is not theirs: no message fares better.
        case 401, 402, 403, 404, 405: .account
        case 429: .throttled(.account, retryAfter: nil)
        case 408, 500...: .transient
        // Of what is wrong with a message the sender alone is the account's.
        case 400 where errors.contains(where: Self.isAboutTheSender): .account
        // 400, 406, 413 (too large), 415, and what is yet to come.
        default: .permanent
        }
    }

    /// `from` comes from the account's credentials; its name may be the message's.
    private static func isAboutTheSender(_ error: JSONValue) -> Bool {
        error["field"]?.string == "from.email" || error["field"]?.string == "from"
    }
}
