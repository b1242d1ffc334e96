package import Shared

/// One attempt of one message, with all that its provider needs to be handed.
package struct OutboundMessage: Sendable {
    package let orgID: OrgID
    package let accountID: AccountID
    /// What the provider is given to echo, where it can.
    package let reference: AttemptReference
    package let provider: ProviderKind
    package let channel: Channel
    /// A phone number in E.164, an email address, or a provider's own user id.
    package let to: String
    package let content: MessageContent
    /// The files that `content` lists.
    package let attachments: [AttachmentFile]
    /// Of marketing by email: where one click ends it.
    package let unsubscribeURL: String?
    package let credentials: Credentials

    package init(
        orgID: OrgID,
        accountID: AccountID,
        reference: AttemptReference,
        provider: ProviderKind,
        channel: Channel,
        to: String,
        content: MessageContent,
        attachments: [AttachmentFile] = [],
        unsubscribeURL: String? = nil,
        credentials: Credentials
    ) {
        self.orgID = orgID
        self.accountID = accountID
        self.reference = reference
        self.provider = provider
        self.channel = channel
        self.to = to
        self.content = content
        self.attachments = attachments
        self.unsubscribeURL = unsubscribeURL
        self.credentials = credentials
    }
}
