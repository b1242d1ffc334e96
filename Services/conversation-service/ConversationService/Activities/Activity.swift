import Shared

/// What happened to a conversation, for its timeline; what happened to its messages is told by messaging-service.
struct Activity: Sendable, Equatable {
    /// The raw values are those of the public API and of the Postgres enum `activity_type`.
    enum Kind: String, Sendable, CaseIterable {
        case opened = "OPENED"
        case assigned = "ASSIGNED"
        case closed = "CLOSED"
        case reopened = "REOPENED"
        case read = "READ"
        case optedOut = "OPTED_OUT"
        case optedIn = "OPTED_IN"
    }

    /// What may be told again, or in another order: a conversation has one activity of each, with the earliest time.
    enum Cause: Sendable, Equatable {
        case opening
        case message(eventKey: String)
        /// A message after this closing.
        case messageAfter(closing: Timestamp)

        /// Of the causes that are messages.
        static let prefix = "message:"

        /// The column `cause`.
        var text: String {
            switch self {
            case .opening: "opening"
            case .message(let eventKey): Self.prefix + eventKey
            case .messageAfter(let closing): "closing:\(closing.microseconds)"
            }
        }
    }

    /// The actor of what a message of the customer does.
    static let customer = "customer"
    /// The actor of what sending a message does.
    static let engine = "engine"

    let orgID: OrgID
    let id: ID<Activity>
    let conversationID: ConversationID
    let customerID: CustomerID
    let at: Timestamp
    let kind: Kind
    /// `key:<id>`, `operator`, `customer`, `engine`.
    let actor: String
    var detail: JSONValue?
    /// Nil for what people do: that happens once.
    var cause: Cause?

    init(
        _ kind: Kind,
        of conversation: StoredConversation,
        at: Timestamp,
        by actor: String,
        detail: JSONValue? = nil,
        cause: Cause? = nil
    ) {
        self.orgID = conversation.orgID
        self.id = Self.id(of: cause, at: at)
        self.conversationID = conversation.id
        self.customerID = conversation.customerID
        self.at = at
        self.kind = kind
        self.actor = actor
        self.detail = detail
        self.cause = cause
    }

    /// A conversation that was opened because something is sent in it.
    init(opening id: ConversationID, of key: ConversationKey, at: Timestamp) {
        self.orgID = key.orgID
        self.id = Self.id(of: .opening, at: at)
        self.conversationID = id
        self.customerID = key.customerID
        self.at = at
        self.kind = .opened
        self.actor = Self.engine
        self.cause = .opening
    }

    /// What a message does to its conversation comes before all else of its millisecond, the message included.
    private static func id(of cause: Cause?, at time: Timestamp) -> ID<Activity> {
        switch cause {
        case .opening, .messageAfter:
            // Random times of the first days of 1970, before which nothing arrived.
            .new(at: time, arrivingAt: Timestamp(microseconds: .random(in: 0..<1 << 40)))
        case .message, nil: .new(at: time, arrivingAt: .now)
        }
    }
}
