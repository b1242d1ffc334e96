import Foundation
import InternalAPI
package import Providers
package import Shared

/// Asks a provider what customers sent, and takes it as if its webhooks had come.
///
/// What came by webhook too is one event with it: both have the message's id.
struct BackfillMessages: Sendable {
    /// Who can be asked.
    static let provider = ProviderKind.twilio
    /// For all pages of one account.
    static let patience: Duration = .seconds(18)

    let history: any MessageHistory
    let receive: ReceiveEvents

    /// - Returns: how many messages there were since then.
    /// - Throws: what the provider, or the database, said instead.
    func callAsFunction(_ account: KnownAccount, since: Timestamp) async throws -> Int {
        let messages = try await self.history.messages(
            of: account.account.secrets,
            since: since,
            before: .now + Self.patience
        )
        for message in messages {
            var parameters = JSONObject()
            for pair in message.pairs { parameters[pair.name] = .string(pair.value) }
            let webhook = WebhookRequest(
                target: "/webhooks/twilio/\(account.account.accountID)/messages",
                headers: ["content-type": "application/json", "user-agent": "backfill"],
                body: JSONValue.object(parameters).bytes
            )
            try await self.receive(try ReceivedWebhook(webhook, of: account, as: .twilioMessage))
        }
        return messages.count
    }
}

/// What a provider knows of an account's past; a protocol, so that tests can play it.
package protocol MessageHistory: Sendable {
    /// The messages that came at `since` or later, the oldest first, in the parameters of their webhooks.
    func messages(
        of credentials: Credentials,
        since: Timestamp,
        before deadline: ContinuousClock.Instant
    ) async throws(TwilioHistory.Failure) -> [FormParameters]
}

extension TwilioHistory: MessageHistory {}
