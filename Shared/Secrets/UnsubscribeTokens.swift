import Crypto
import Foundation
package import Shared

/// Who gets no more marketing once a link is followed, and which message had the link.
package struct UnsubscribeLink: Sendable, Equatable {
    package let orgID: OrgID
    package let accountID: AccountID
    package let provider: ProviderKind
    package let messageID: MessageID
    package let channel: Channel
    /// As the message was addressed.
    package let address: String

    package init(
        orgID: OrgID,
        accountID: AccountID,
        provider: ProviderKind,
        messageID: MessageID,
        channel: Channel,
        address: String
    ) {
        self.orgID = orgID
        self.accountID = accountID
        self.provider = provider
        self.messageID = messageID
        self.channel = channel
        self.address = address
    }
}

/// Makes the tokens of unsubscribe links, and reads them: who has none of ours can unsubscribe nobody.
///
/// Base64url of a code (HMAC-SHA-256, 32 bytes) and of what it vouches for: version (1 byte), organization, account and message
/// (16 each), and `channel provider address`. The same link always has the same token; a token never ends, as mails do not.
package struct UnsubscribeTokens: Sendable {
    private static let version: UInt8 = 1
    private static let codeBytes = 32
    private static let idBytes = 16
    /// Of an address of 320 bytes, with room to spare: what is longer is not even decoded.
    private static let longest = 600

    /// Of the newest master key first, which makes tokens; all of them read.
    private let keys: [SymmetricKey]

    /// The keys are derived from the installation's, and serve nothing else.
    package init(masterKeys: MasterKeys) {
        self.keys = masterKeys.derived(for: "herald unsubscribe token")
    }

    package func token(of link: UnsubscribeLink) -> String {
        let ids = [link.orgID.uuid, link.accountID.uuid, link.messageID.uuid].flatMap(\.bytes)
        let words = "\(link.channel.rawValue) \(link.provider.rawValue) \(link.address)"
        let content = [Self.version] + ids + Array(words.utf8)
        let code = Array(HMAC<SHA256>.authenticationCode(for: content, using: self.keys[0]))
        return Data(code + content).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    /// Nil for what is none of ours.
    package func link(in token: String) -> UnsubscribeLink? {
        guard token.utf8.count <= Self.longest, !token.utf8.contains(where: { "+/=".utf8.contains($0) }) else {
            return nil
        }
        let padding = String(repeating: "=", count: (4 - token.utf8.count % 4) % 4)
        let base64 = token.replacing("-", with: "+").replacing("_", with: "/") + padding
        guard let bytes = Data(base64Encoded: base64).map({ Array($0) }), bytes.count > Self.codeBytes,
            self.keys.contains(where: { key in
                HMAC<SHA256>.isValidAuthenticationCode(
                    bytes[..<Self.codeBytes],
                    authenticating: bytes[Self.codeBytes...],
                    using: key
                )
            })
        else { return nil }
        return Self.link(of: bytes[Self.codeBytes...])
    }

    private static func link(of content: ArraySlice<UInt8>) -> UnsubscribeLink? {
        guard content.first == self.version, content.count > 1 + 3 * self.idBytes else { return nil }
        let ids = (0..<3).compactMap { place in
            UUID(bytes: content.dropFirst(1 + place * self.idBytes).prefix(self.idBytes))
        }
        let text = String(decoding: content.dropFirst(1 + 3 * self.idBytes), as: UTF8.self)
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard ids.count == 3, words.count == 3, let channel = Channel(rawValue: words[0]),
            let provider = ProviderKind(rawValue: words[1])
        else { return nil }
        return UnsubscribeLink(
            orgID: OrgID(ids[0]),
            accountID: AccountID(ids[1]),
            provider: provider,
            messageID: MessageID(ids[2]),
            channel: channel,
            address: words[2]
        )
    }
}
