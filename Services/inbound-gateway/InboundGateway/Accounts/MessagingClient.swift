package import InternalAPI

/// What this service asks of messaging-service; a protocol so that tests can take it away.
///
/// Every call ends within some seconds, with an answer or an error.
package protocol MessagingClient: Sendable {
    /// Passes on what providers said; repeating it changes nothing. One answer for each report, in their order.
    func apply(_ reports: [MessagingAPI.AccountReport]) async throws -> [MessagingAPI.ReportEffect]
    /// Finds what verifies an account's webhooks; nil when there is no such account.
    func webhookAccount(_ query: MessagingAPI.WebhookAccountQuery) async throws -> MessagingAPI.WebhookAccount?
}

extension MessagingAPI: MessagingClient {}
