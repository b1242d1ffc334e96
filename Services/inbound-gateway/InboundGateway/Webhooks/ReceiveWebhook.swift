import Crypto
import Foundation
import InternalAPI
import Providers
import Shared

/// Takes a webhook to a URL of one account: verifies it, then stores it and passes it on.
struct ReceiveWebhook: Sendable {
    /// What providers were told, before the path.
    let publicURL: String
    let findAccount: FindWebhookAccount
    let verify: VerifyWebhook
    let receive: ReceiveEvents
    let now: @Sendable () -> Timestamp

    func callAsFunction(_ webhook: WebhookRequest, for accountID: AccountID, as kind: WebhookKind) async throws {
        let query = MessagingAPI.WebhookAccountQuery.id(accountID)
        guard let known = try await self.findAccount(query), known.account.provider == kind.provider else {
            throw WebhookFailure.unknownAccount
        }
        let account = try await self.verify(known, foundBy: query) { known throws(WebhookSignatureFailure) in
            try kind.verify(webhook, known, publicURL: self.publicURL, now: self.now())
        }
        try await self.receive(try ReceivedWebhook(webhook, of: account, as: kind))
    }
}

extension ReceivedWebhook {
    /// Reads a webhook that its account has vouched for.
    ///
    /// - Throws: `WebhookFailure.unreadable`, where its sender can be told.
    init(_ webhook: WebhookRequest, of account: KnownAccount, as kind: WebhookKind) throws {
        let read: [WebhookEvent]
        do {
            read = try kind.events(webhook)
        } catch  where kind == .http {
            // Its sender is one of the organization's programs, and can be told what to change.
            throw WebhookFailure.unreadable(error.detail)
        } catch {
            read = []
        }
        // Signed, so not to be lost: a request that tells nothing is kept as it is.
        let events = read.isEmpty ? [.unreadable(webhook.body)] : read
        let requestID = ID<InboxRequest>.new()
        self.init(
            requests: [webhook.raw(requestID, of: account)],
            events: try events.enumerated().map { position, event in
                try NewInboxEvent(event, of: account, requestID: requestID, position: position, handling: .process)
            }
        )
    }
}

extension WebhookEvent {
    /// A signed request in which no event was found, known by its body.
    static func unreadable(_ body: [UInt8]) -> WebhookEvent {
        WebhookEvent(
            key: "unreadable:\(SHA256.hexDigest(of: body))",
            providerNumber: nil,
            content: .other("unreadable")
        )
    }
}
