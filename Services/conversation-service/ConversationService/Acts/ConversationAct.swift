import Shared

/// What a person does with a conversation.
enum ConversationAct: Sendable, Equatable {
    /// Nil for nobody.
    case assign(String?)
    case close, reopen
    /// Marks what the customer has written until now as read.
    case read

    /// As its route is called.
    var name: String {
        switch self {
        case .assign: "assign"
        case .close: "close"
        case .reopen: "reopen"
        case .read: "read"
        }
    }
}

extension StoredConversation {
    /// Unicode scalars of whom a conversation is assigned to.
    static let assigneeLength = 1...200

    /// Does what a person wants.
    ///
    /// - Returns: what is put down about it; nil when everything was so already, and nothing has changed.
    mutating func apply(_ act: ConversationAct, by actor: String, at now: Timestamp) -> Activity? {
        let kind: Activity.Kind
        var detail: JSONValue?
        switch act {
        case .assign(let assignee):
            // Two spellings of one text are two texts to the database.
            guard assignee.map({ Array($0.utf8) }) != self.assignee.map({ Array($0.utf8) }) else { return nil }
            kind = .assigned
            detail = ["from": .text(self.assignee), "to": .text(assignee)]
            self.assignee = assignee
        case .close:
            guard self.status == .open else { return nil }
            kind = .closed
            (self.status, self.closedAt, self.reopenedAt) = (.closed, now, nil)
        case .reopen:
            guard self.status == .closed else { return nil }
            kind = .reopened
            self.status = .open
        case .read:
            guard self.unreadCount > 0 else { return nil }
            kind = .read
            detail = ["unread_count": .number(JSONNumber(self.unreadCount))]
            (self.unreadCount, self.readAt) = (0, now)
        }
        if act != .read { self.activeAt = max(self.activeAt, now) }
        self.updatedAt = now
        return Activity(kind, of: self, at: now, by: actor, detail: detail)
    }
}
