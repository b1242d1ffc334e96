import InternalAPI
import Shared

extension ProviderError {
    /// Why a message is `skipped`.
    init(_ block: CustomerAPI.PolicyBlock) {
        switch block {
        case .suppressed:
            self.init(code: "suppressed", detail: "The address is on the do-not-contact list.")
        case .optedOut:
            self.init(code: "opted-out", detail: "The recipient does not want such messages on this channel.")
        case .notOptedIn:
            self.init(
                code: "not-opted-in",
                detail: "The recipient has not agreed to marketing on this channel, as the organization asks for."
            )
        case .capped:
            self.init(code: "capped", detail: "The recipient got as many messages as the organization allows.")
        }
    }

    static let accountDeleted = ProviderError(
        code: "account-deleted",
        detail: "The account by which it was to be sent was deleted."
    )

    /// Why an attempt was not made, and the message waits; no failure.
    static func quietHours(until end: Timestamp) -> ProviderError {
        ProviderError(code: Self.quietHoursCode, detail: "The recipient's quiet hours last until \(end).")
    }

    static let quietHoursCode = "quiet-hours"

    static let notVerified = ProviderError(
        code: "org-not-verified",
        detail: "The organization may not send SMS before an operator has verified it."
    )
}
