import Foundation
import NIOCore

/// Posts statuses of messages that the stub took, some a webhook, as Meta does.
struct PostStatuses: LoadRequest {
    static let each = 10
    private static let statuses = ["sent", "delivered", "read"]

    let client: LoadClient
    let account: WebhookAccount
    /// The provider's ids of the messages.
    let sent: [String]
    private let signer: WebhookSigner

    init(client: LoadClient, account: WebhookAccount, sent: [String]) {
        self.client = client
        self.account = account
        self.sent = sent
        self.signer = WebhookSigner(secret: account.secret)
    }

    /// Every message was sent, delivered and read.
    var statusCount: Int { self.sent.count * Self.statuses.count }
    var webhookCount: Int { (self.statusCount + Self.each - 1) / Self.each }

    func callAsFunction(_ number: Int) async throws(LoadFailure) -> LoadAnswer {
        let text = self.text(number)
        return try await self.client.post(
            PostWebhook.path,
            ByteBuffer(string: text),
            signature: self.signer.signature(of: text)
        )
    }

    /// All are sent before the first is delivered.
    func text(_ number: Int) -> String {
        let seconds = Int(Date().timeIntervalSince1970)
        let events = (number * Self.each..<min((number + 1) * Self.each, self.statusCount)).map { event in
            """
            {"id":"\(self.sent[event % self.sent.count])","recipient_id":"4915000000000",\
            "status":"\(Self.statuses[event / self.sent.count])","timestamp":"\(seconds)"}
            """
        }
        return """
            {"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":\
            {"messaging_product":"whatsapp","metadata":{"phone_number_id":"\(self.account.number)"},\
            "statuses":[\(events.joined(separator: ","))]}}]}]}
            """
    }
}
