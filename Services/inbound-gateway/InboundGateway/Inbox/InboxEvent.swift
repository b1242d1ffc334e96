import Foundation
import InternalAPI
import Postgres
import Providers
import Shared

/// What a row of `inbox_events` tells of: the raw values are those of the Postgres enum.
enum InboxKind: String, Sendable, PostgresValue {
    case report, message, other
}

/// Where a row of `inbox_events` stands: the raw values are those of the Postgres enum.
enum InboxState: String, Sendable, PostgresValue {
    /// Still to be passed on. Can become done, pending again (later), or failed.
    case pending
    /// Passed on. Final.
    case done
    /// Stored for a version that knows what to do with it. Final for this one.
    case kept
    /// Refused too often. Final until a person has looked.
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
}

/// Names the raw requests.
enum InboxRequest {}

/// An event that someone has taken to pass it on.
struct ClaimedEvent: Sendable, Equatable {
    let orgID: OrgID
    let accountID: AccountID
    let key: String
    /// This try included; it fences a slow holder of the event against its next one.
    let attempts: Int
    let refusals: Int
    let content: String
}

extension NewInboxEvent {
    /// The event as it will stand once stored and taken by the request that brought it.
    var claimed: ClaimedEvent {
        ClaimedEvent(
            orgID: self.orgID,
            accountID: self.accountID,
            key: self.key,
            attempts: 1,
            refusals: 0,
            content: self.content
        )
    }
}

/// How much of an event's meaning may be acted on.
enum EventHandling: Sendable {
    /// Reports are passed on, the rest is kept.
    case process
    /// All is kept: the account is the request's, but the event names a number that is nobody's.
    case keep
}

extension NewInboxEvent {
    init(
        _ event: WebhookEvent,
        of account: KnownAccount,
        requestID: ID<InboxRequest>,
        handling: EventHandling
    ) throws {
        let kind: InboxKind
        let content: String
        switch event.content {
        case .report(let report):
            kind = .report
            content = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
        case .message(let message):
            kind = .message
            content = String(decoding: try JSONEncoder().encode(message), as: UTF8.self)
        case .other(let name):
            kind = .other
            content = String(decoding: try JSONEncoder().encode(["name": name]), as: UTF8.self)
        }
        self.init(
            id: .new(),
            orgID: account.account.orgID,
            accountID: account.account.accountID,
            provider: account.account.provider,
            requestID: requestID,
            key: StorableText.plain(event.key),
            kind: kind,
            state: kind == .report && handling == .process ? .pending : .kept,
            content: StorableText.json(content)
        )
    }
}
