import Postgres
import Shared

/// What a message is for, as far as consent goes; one-time passwords need none.
enum ConsentPurpose: String, Sendable, CaseIterable {
    case marketing, transactional
}

/// What a customer wants; of whom nothing is known has not been asked.
enum ConsentStatus: String, Sendable, CaseIterable {
    case optedIn = "opted_in"
    case optedOut = "opted_out"
}

extension ConsentPurpose: PostgresValue {}
extension ConsentStatus: PostgresValue {}

/// Something that was said about a consent: a row of `consent_changes`.
struct ConsentChange: Sendable {
    let orgID: OrgID
    let customerID: CustomerID
    let channel: Channel
    let purpose: ConsentPurpose
    let status: ConsentStatus
    /// Where it was said, in the caller's words; `keyword` for a message that is one.
    let source: String
    /// What shows that it was said.
    let proof: String?
    let at: Timestamp
    /// Tells it from all others, together with the account, channel and purpose.
    let eventKey: String
    /// Nil where no message said it.
    let accountID: AccountID?
}
