import Shared

/// What Twilio's error codes mean.
///
/// - Source: twilio.com/docs/api/errors.
package enum TwilioErrorTable {
    /// Nil for a code that the table does not know.
    package static func verdict(_ code: Int) -> ProviderVerdict? {
        switch code {
        // "Never processed, always safe" to send again.
        case 429, 20429: .throttled(.account, retryAfter: nil)
        case 30001, 21611, 30003, 30008, 30017, 30022, 30410, 63018: .transient
        // 63016 is WhatsApp's 24-hour window.
        case 21211, 21214, 21602, 21604, 21606, 21608, 21610, 21612, 21614, 21635, 30004, 30005, 30006, 30007, 63016,
            63003:
            .permanent
        // 30023 and 30027 are daily caps: the account can not send until the next day.
        case 20003, 20005, 30002, 21408, 21701, 21703, 21705, 30032, 63007, 30023, 30027: .account
        default: nil
        }
    }

    /// The verdict on an error that Twilio reports by webhook; an unknown one is final, since nobody knows what would change it.
    package static func reported(_ code: Int) -> ProviderVerdict {
        Self.verdict(code) ?? .permanent
    }
}
