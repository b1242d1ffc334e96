import InternalAPI
import Postgres
import Shared

extension ProviderKind {
    /// Whether it can be asked which messages it took.
    var canBeAsked: Bool {
        switch self {
        case .twilio: true
        case .whatsappCloud, .smtp, .sendgrid, .http, .sandbox: false
        }
    }
}

extension MessagingAPI.LookUp {
    init(_ row: Row, _ contents: SharedContents) throws {
        self.init(
            orgID: try row.get("org_id"),
            reference: AttemptReference(messageID: try row.get("message_id"), number: try row.get("epoch")),
            accountID: try row.get("account_id"),
            channel: try row.get("channel"),
            to: try row.get("recipient"),
            content: try contents.content(of: row),
            since: try row.get("since"),
            checks: try row.get("checks")
        )
    }
}
