package import InternalAPI

/// The services that this one calls; protocols, so that tests can take them away.
///
/// Every call ends within some seconds, with an answer or an error, and repeating it changes nothing.
package struct Peers: Sendable {
    package let customers: any CustomerClient
    package let conversations: any ConversationClient
    package let messaging: any MessagingClient

    package init(
        customers: any CustomerClient,
        conversations: any ConversationClient,
        messaging: any MessagingClient
    ) {
        self.customers = customers
        self.conversations = conversations
        self.messaging = messaging
    }
}

package protocol CustomerClient: Sendable {
    /// Says who sent messages; one answer for each, in their order.
    func receive(_ items: [CustomerAPI.Receive]) async throws -> [CustomerAPI.Received]
}

package protocol ConversationClient: Sendable {
    /// Says in which conversations messages are; one answer for each, in their order.
    func receive(_ items: [ConversationAPI.Receive]) async throws -> [ConversationAPI.Received]
}

package protocol MessagingClient: Sendable {
    /// Stores what customers wrote; one answer for each, in their order.
    func receive(_ items: [MessagingAPI.Receive]) async throws -> [MessagingAPI.Received]
    /// Passes on what providers said; one answer for each report, in their order.
    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> MessagingAPI.ReportAnswer
    /// Finds what verifies an account's webhooks; nil when there is no such account.
    func webhookAccount(_ query: MessagingAPI.WebhookAccountQuery) async throws -> MessagingAPI.WebhookAccount?
}

extension CustomerAPI: CustomerClient {}
extension ConversationAPI: ConversationClient {}
extension MessagingAPI: MessagingClient {}
