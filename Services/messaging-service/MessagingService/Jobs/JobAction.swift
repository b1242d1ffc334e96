import Postgres
import Shared

/// What a bulk act does to each message; the labels of the Postgres enum `job_action`.
enum JobAction: String, Sendable, CaseIterable {
    case cancel, retry, delete
    case sendNow = "send-now"

    /// The statuses in which a message can be meant.
    var statuses: [MessageStatus] {
        switch self {
        case .cancel, .sendNow: [.scheduled, .queued]
        case .retry: [.failed]
        case .delete: MessageStatus.allCases
        }
    }

    var act: Act.Name {
        switch self {
        case .cancel: .cancel
        case .retry: .retry
        case .delete: .delete
        case .sendNow: .sendNow
        }
    }
}

extension JobAction: PostgresValue {}

/// Does one thing to many messages, each by itself.
struct ActOnMessages: Sendable {
    let change: ChangeMessages
    let delete: DeleteMessages

    /// - Parameters:
    ///   - action: what is done.
    ///   - keys: of one organization, at most `ChangeMessages.batch`.
    ///   - actor: who does it.
    ///   - requestID: of the request that asked for it.
    ///   - filter: what the messages must still be under their locks; nil when they were named one by one.
    /// - Throws: what the database throws.
    /// - Returns: one effect for each key, in their order.
    func callAsFunction(
        _ action: JobAction,
        on keys: [MessageKey],
        by actor: String,
        requestID: String?,
        meaning filter: BulkFilter? = nil
    ) async throws -> [ChangeMessages.Effect] {
        let act = Act(action.act, by: actor, requestID: requestID)
        switch action {
        case .delete:
            return try await self.delete(keys, as: act) { settlement throws(ActRefusal) in
                try settlement.check(filter?.messages.statuses)
            }
        case .cancel:
            return try await self.change(keys, as: act) { settlement, now throws(ActRefusal) in
                try settlement.check(filter?.messages.statuses)
                try settlement.cancel(now: now)
            }
        case .retry:
            return try await self.change(keys, as: act) { settlement, now throws(ActRefusal) in
                try settlement.retry(now: now)
            }
        case .sendNow:
            return try await self.change(keys, as: act) { settlement, now throws(ActRefusal) in
                try settlement.check(filter?.messages.statuses)
                try settlement.sendNow(now: now)
            }
        }
    }
}

extension Settlement {
    /// Whether it still has a status that was meant.
    fileprivate func check(_ statuses: [MessageStatus]?) throws(ActRefusal) {
        guard let statuses, !statuses.contains(self.status) else { return }
        let words = statuses.map(\.rawValue).joined(separator: ", ")
        throw .wrongState(self.status, allowed: "meant were messages that are \(words)")
    }
}
