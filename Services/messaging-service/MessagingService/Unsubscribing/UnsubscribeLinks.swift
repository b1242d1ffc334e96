package import Secrets
import Shared

/// Makes the links by which recipients of email end marketing; inbound-gateway answers them.
package struct UnsubscribeLinks: Sendable {
    /// What stands for the link in a text, with or without spaces; in templates it is a variable like others.
    static let word = "unsubscribe_url"
    private static let placeholders = ["{{\(word)}}", "{{ \(word) }}"]

    private let tokens: UnsubscribeTokens
    /// What inbound-gateway is reached by, without a slash at its end.
    private let publicURL: String

    package init(masterKeys: MasterKeys, publicURL: String) {
        self.tokens = UnsubscribeTokens(masterKeys: masterKeys)
        self.publicURL = publicURL
    }

    /// Nil on channels whose messages have no links of ours.
    func url(_ link: UnsubscribeLink) -> String? {
        guard link.channel == .email else { return nil }
        return "\(self.publicURL)/unsubscribe/\(self.tokens.token(of: link))"
    }

    /// Leads to nobody.
    var example: String { "\(self.publicURL)/unsubscribe/example" }

    /// The text with `url` in the places that are kept for it.
    static func fill(_ text: String, with url: String) -> String {
        self.placeholders.reduce(text) { $0.replacing($1, with: url) }
    }

    /// The text as its sender wrote it: the other way round.
    static func clear(_ url: String, from text: String) -> String {
        text.replacing(url, with: self.placeholders[0])
    }
}

extension UnsubscribeLink {
    /// The link of a message by an account that was chosen for it.
    init(of id: MessageID, for orgID: OrgID, on channel: Channel, to address: String, by account: ChosenAccount) {
        self.init(
            orgID: orgID,
            accountID: account.id,
            provider: account.provider,
            messageID: id,
            channel: channel,
            address: address
        )
    }
}
