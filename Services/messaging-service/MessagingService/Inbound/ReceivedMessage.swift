import InternalAPI
import Shared

/// An inbound message under the id that it gets if it is new.
struct ReceivedMessage: Sendable {
    let item: MessagingAPI.Receive
    let id: MessageID
    /// Where a reply reaches the sender.
    let sender: Address
    /// Never after its arrival, whatever its provider's clock says.
    let occurredAt: Timestamp

    /// - Throws: `Problem` `internal` for a message without a sender, which the route refuses.
    init(_ item: MessagingAPI.Receive) throws(Problem) {
        guard let sender = item.message.senders.first else { throw .internal }
        self.item = item
        self.sender = sender
        self.occurredAt = min(item.occurredAt, item.arrivedAt)
        self.id = .new(at: self.occurredAt, arrivingAt: item.arrivedAt)
    }

    var account: AccountKey { AccountKey(orgID: self.item.orgID, accountID: self.item.accountID) }

    var event: EventKey {
        EventKey(orgID: self.item.orgID, accountID: self.item.accountID, key: self.item.message.eventKey)
    }

    /// Longer than any provider's, and short enough to be found again.
    var providerMessageID: String { self.item.message.providerMessageID.storable(upTo: 400) }
    var inReplyTo: String? { self.item.message.inReplyTo?.storable(upTo: 400) }

    /// What is stored and shown; absent parts are left out.
    var content: JSONValue {
        let content = self.item.message.content
        var members: [(String, JSONValue)] = [("type", .string(content.kind.rawValue))]
        if let body = content.body { members.append(("body", .string(body.shown))) }
        if let subject = content.subject { members.append(("subject", .string(subject.shown))) }
        if let html = content.html { members.append(("html", .string(html.shown))) }
        if !content.attachments.isEmpty {
            let attachments = content.attachments.enumerated().map { index, attachment in
                attachment.json(at: "/api/v1/messages/\(self.id)/attachments/\(index)")
            }
            members.append(("attachments", .array(attachments)))
        }
        if let details = content.details?.readable { members.append(("details", details)) }
        return .object(members: members)
    }
}

extension InboundAttachment {
    fileprivate func json(at url: String) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if let contentType { members.append(("content_type", .string(contentType.shown))) }
        if let fileName { members.append(("file_name", .string(fileName.shown))) }
        return .object(members: members + [("url", .string(url))])
    }
}

extension String {
    /// Without NUL, which no JSON of ours has.
    fileprivate var shown: String { self.storable(upTo: .max) }
}

extension JSONValue {
    /// Nil for what is nested too deeply, or else not what we read back.
    fileprivate var readable: JSONValue? { (try? JSONValue(parsing: JSONValue.array([self]).bytes))?[0] }
}
