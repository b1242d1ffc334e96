import Shared

/// What Meta's error codes mean.
///
/// - Source: Meta, "Error codes" of the WhatsApp Business Platform, 2026-05-15.
package enum WhatsAppErrorTable {
    /// Nil for a code that the table does not know.
    package static func verdict(_ code: Int) -> ProviderVerdict? {
        switch code {
        // The sender's rate. Quality limits (131048, 131064) come here too: the number is not blocked, it sends too much.
        case 4, 80007, 130429, 133016, 131048, 131064: .throttled(.account, retryAfter: nil)
        // About one message per 6 s to one recipient.
        case 131056: .throttled(.recipient, retryAfter: .seconds(6))
        // 131053: Meta could not fetch the media.
        case 2, 131000, 131016, 131057, 131053: .transient
        // A template that is paused or disabled, or its flow: the account can go on sending others.
        case 132015, 132016, 132068, 132069: .transient
        case 100, 131008, 131009, 131021, 131026, 131030, 131051, 131062, 131063, 132000, 132001, 132005, 132007,
            132008,
            132012, 137000:
            .permanent
        // Outside the 24-hour window.
        case 131047: .permanent
        // Meta's experiment, its cap on marketing, and the recipient's own wish: no automatic retry.
        case 130472, 131049, 131050: .permanent
        case 0, 190, 3, 10, 200...299, 131005, 33, 368, 131031, 130497, 131037, 131042, 131045: .account
        default: nil
        }
    }

    /// The verdict on an error that Meta reports by webhook; an unknown one is final, since nobody knows what would change it.
    package static func reported(_ code: Int) -> ProviderVerdict {
        Self.verdict(code) ?? .permanent
    }
}
