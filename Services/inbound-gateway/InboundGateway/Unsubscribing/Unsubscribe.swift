import Foundation
import Postgres
import Secrets
import Shared

/// Takes the wish behind an unsubscribe link: stored like a webhook, then passed on, for as long as a person may wait.
struct Unsubscribe: Sendable {
    let postgres: PostgresPool
    let receive: ReceiveEvents
    let now: @Sendable () -> Timestamp

    /// Returns once it is stored; afterwards it can not be lost.
    ///
    /// Within a minute a repetition is the same event; later it is another one, because its customer may have agreed anew.
    func callAsFunction(_ link: UnsubscribeLink) async throws {
        let time = self.now()
        try await self.postgres.run { try InboxRequestStore.know(link.orgID, on: $0) }
        let requestID = ID<InboxRequest>.new()
        let optOut = OptOut(
            channel: link.channel,
            address: Address(recipient: link.address, on: link.channel),
            source: .unsubscribe,
            messageID: link.messageID,
            occurredAt: nil
        )
        let event = NewInboxEvent(
            id: .new(),
            orgID: link.orgID,
            accountID: link.accountID,
            provider: link.provider,
            requestID: requestID,
            key: "unsubscribe:\(link.messageID):\(time.microseconds / 60_000_000)",
            kind: .optOut,
            state: .pending,
            content: String(decoding: try JSONEncoder().encode(optOut), as: UTF8.self),
            position: 0,
            hasKeyword: true
        )
        // Without the token, which would do the same again for whoever reads it there.
        let request = RawRequest(
            orgID: link.orgID,
            id: requestID,
            accountID: link.accountID,
            provider: link.provider,
            url: "/unsubscribe",
            headers: "{}",
            body: []
        )
        try await self.receive(ReceivedWebhook(requests: [request], events: [event]))
    }
}
