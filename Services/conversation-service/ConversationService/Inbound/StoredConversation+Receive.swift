import InternalAPI
import Shared

extension StoredConversation {
    /// What an organization has decided about closed conversations, by its setting `reopen_on_message`.
    enum OnMessage: Sendable {
        case reopens, staysClosed
    }

    /// Takes in messages of the customer that have not been taken in before.
    ///
    /// Their order, and how they are divided among calls, does not matter: every effect is a sum or a greatest or least value.
    /// - Parameters:
    ///   - messages: of this conversation, at least one.
    ///   - isNew: whether the conversation has been made for them.
    ///   - onMessage: what becomes of it when it is closed.
    ///   - now: when they are taken in.
    /// - Returns: what is to be put down about it.
    mutating func receive(
        _ messages: [ConversationAPI.Receive],
        isNew: Bool,
        _ onMessage: OnMessage,
        at now: Timestamp
    ) -> [Activity] {
        if isNew { self.createdAt = .distantFuture }
        let before = self
        for message in messages { self.receive(message, onMessage) }
        self.updatedAt = now
        return self.news(since: before) + messages.compactMap(self.consent)
    }

    private mutating func receive(_ message: ConversationAPI.Receive, _ onMessage: OnMessage) {
        let time = message.occurredAt
        self.createdAt = min(self.createdAt, time)
        guard message.optOut == nil else { return }
        self.activeAt = max(self.activeAt, time)
        self.lastInboundAt = max(self.lastInboundAt ?? time, time)
        if self.readAt.map({ time > $0 }) ?? true { self.unreadCount += 1 }
        if Self.place(message.address, at: time) > Self.place(self.address, at: self.addressAt) {
            (self.address, self.addressAt) = (message.address, time)
        }
        guard let closedAt, time > closedAt else { return }
        switch (self.status, onMessage) {
        case (.closed, .reopens): (self.status, self.reopenedAt) = (.open, time)
        case (.open, _): self.reopenedAt = self.reopenedAt.map { min($0, time) }
        case (.closed, .staysClosed): break
        }
    }

    /// The greatest one stands; of the same time one of them, whichever came first.
    private static func place(_ address: Address, at time: Timestamp) -> AddressPlace {
        AddressPlace(time: time, kind: address.kind.rawValue, value: address.value)
    }

    private func news(since before: Self) -> [Activity] {
        var news: [Activity] = []
        if self.createdAt != before.createdAt {
            news.append(
                Activity(.opened, of: self, at: self.createdAt, by: Activity.customer, cause: .opening)
            )
        }
        if let reopenedAt, let closedAt, reopenedAt != before.reopenedAt {
            let cause = Activity.Cause.messageAfter(closing: closedAt)
            news.append(Activity(.reopened, of: self, at: reopenedAt, by: Activity.customer, cause: cause))
        }
        return news
    }

    private func consent(by message: ConversationAPI.Receive) -> Activity? {
        let kind: Activity.Kind
        switch (message.optOut, message.keyword) {
        case (.some, _), (nil, .stop): kind = .optedOut
        case (nil, .start): kind = .optedIn
        case (nil, .help), (nil, nil): return nil
        }
        return Activity(
            kind,
            of: self,
            at: message.occurredAt,
            by: Activity.customer,
            detail: message.optOut.map { optOut in
                [
                    "purpose": "marketing", "source": .string(optOut.source.rawValue),
                    "message_id": .text(optOut.messageID),
                ]
            },
            cause: .message(eventKey: message.eventKey)
        )
    }
}

/// How late an address was told; texts are compared by their bytes, as the database does.
private struct AddressPlace: Comparable {
    let time: Timestamp
    let kind: String
    let value: String

    static func < (left: Self, right: Self) -> Bool {
        if left.time != right.time { return left.time < right.time }
        if left.kind != right.kind { return left.kind < right.kind }
        return left.value.utf8.lexicographicallyPrecedes(right.value.utf8)
    }
}
