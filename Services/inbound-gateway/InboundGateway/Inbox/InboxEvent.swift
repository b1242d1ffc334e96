import Foundation
import InternalAPI
import Postgres
import Providers
import Shared

/// What a row of `inbox_events` tells of: the raw values are those of the Postgres enum.
enum InboxKind: String, Sendable, CaseIterable, PostgresValue {
    case report, message, other
    case optOut = "opt_out"
}

/// Where a row of `inbox_events` stands: the raw values are those of the Postgres enum.
package enum InboxState: String, Sendable, CaseIterable, PostgresValue {
    /// Still to be passed on. Can become done, pending again (later), or failed.
    case pending
    /// Passed on. Pending again only when it is replayed.
    case done
    /// Stored without effect. Pending only when it is replayed by a version that knows what to do with it.
    case ignored
    /// Refused too often. Pending again only when it is replayed.
    case failed
}

/// An event to be stored.
struct NewInboxEvent: Sendable {
    let id: ID<InboxEvent>
    let orgID: OrgID
    let accountID: AccountID
    let provider: ProviderKind
    let requestID: ID<InboxRequest>
    let key: String
    let kind: InboxKind
    let state: InboxState
    /// JSON, as we encode it.
    let content: String
    /// Its place among the events of its request.
    let position: Int
    /// Whether it changes a consent: its effect comes before the answer.
    let hasKeyword: Bool
}

/// Names the raw requests.
package enum InboxRequest {}

/// An event that someone has taken to pass it on.
struct ClaimedEvent: Sendable, Equatable {
    let orgID: OrgID
    let accountID: AccountID
    let provider: ProviderKind
    let kind: InboxKind
    let key: String
    /// This try included; it fences a slow holder of the event against its next one.
    let attempts: Int
    let refusals: Int
    let content: String
    /// When its webhook arrived, and a microsecond later for each event before it in there.
    let arrivedAt: Timestamp
}

extension NewInboxEvent {
    /// The event as it stands once stored and taken by the request that brought it.
    func claimed(at storedAt: Timestamp) -> ClaimedEvent {
        ClaimedEvent(
            orgID: self.orgID,
            accountID: self.accountID,
            provider: self.provider,
            kind: self.kind,
            key: self.key,
            attempts: 1,
            refusals: 0,
            content: self.content,
            arrivedAt: storedAt + .microseconds(self.position)
        )
    }
}

/// How much of an event's meaning may be acted on.
enum EventHandling: Sendable {
    /// Reports and messages are passed on, the rest is ignored.
    case process
    /// All is ignored: the account is the request's, but the event names a number that is nobody's.
    case ignore
}

extension NewInboxEvent {
    init(
        _ event: WebhookEvent,
        of account: KnownAccount,
        requestID: ID<InboxRequest>,
        position: Int,
        handling: EventHandling
    ) throws {
        let kind: InboxKind
        let content: Data
        var hasKeyword = false
        switch event.content {
        case .report(let report): (kind, content) = (.report, try JSONEncoder().encode(report))
        case .message(let message):
            (kind, content) = (.message, try JSONEncoder().encode(message))
            hasKeyword = ArrivedMessage.keyword(of: message, on: account.account.provider.channel) != nil
        case .optOut(let optOut):
            (kind, content, hasKeyword) = (.optOut, try JSONEncoder().encode(optOut), true)
        case .other(let name): (kind, content) = (.other, try JSONEncoder().encode(["name": name]))
        }
        self.init(
            id: .new(),
            orgID: account.account.orgID,
            accountID: account.account.accountID,
            provider: account.account.provider,
            requestID: requestID,
            key: StorableText.plain(event.key),
            kind: kind,
            state: kind != .other && handling == .process ? .pending : .ignored,
            content: StorableText.json(String(decoding: content, as: UTF8.self)),
            position: position,
            hasKeyword: hasKeyword
        )
    }
}
