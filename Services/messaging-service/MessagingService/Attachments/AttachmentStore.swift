import Foundation
import Postgres
import Secrets
import Shared

/// An attachment of an inbound message, with what is needed to get its bytes.
struct StoredAttachment: Sendable {
    let source: InboundAttachment.Source
    let contentType: String?
    let fileName: String?
    /// The provider's id of its message; of a mail it is the key of its event too.
    let providerMessageID: String
    let accountID: AccountID
    let provider: ProviderKind
    let credentials: Credentials
}

/// The statements that find an attachment, for one organization.
struct AttachmentStore: Sendable {
    let orgID: OrgID

    /// - Returns: nil when the organization has no such message, or the message no such attachment.
    func find(
        _ index: Int,
        of id: MessageID,
        secrets: SecretBox,
        on connection: isolated PostgresConnection
    ) throws -> StoredAttachment? {
        let rows = try connection.query(
            """
            SELECT content, attachment_sources, account_id, provider_message_id FROM messages
             WHERE org_id = \(self.orgID) AND id = \(id) AND attachment_sources IS NOT NULL
            """
        )
        guard let row = rows.first else { return nil }
        let sources = try JSONDecoder().decode(
            [InboundAttachment.Source].self,
            from: Data(try row.get("attachment_sources", as: String.self).utf8)
        )
        guard sources.indices.contains(index) else { return nil }
        let content = try JSONValue(parsing: Array(try row.get("content", as: String.self).utf8))
        let shown = content["attachments"]?[index]
        let key = AccountKey(orgID: self.orgID, accountID: try row.get("account_id"))
        guard let sealed = try connection.query(AccountStore.sealedAccounts([key])).first else { return nil }
        let account = try AccountStore.SealedAccount(sealed)
        return StoredAttachment(
            source: sources[index],
            contentType: shown?["content_type"]?.string,
            fileName: shown?["file_name"]?.string,
            providerMessageID: try row.getIfPresent("provider_message_id") ?? "",
            accountID: key.accountID,
            provider: account.provider,
            credentials: try secrets.openCredentials(account.credentials.bytes, at: account.place)
        )
    }
}
