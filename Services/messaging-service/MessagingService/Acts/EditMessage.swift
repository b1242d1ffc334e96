import Postgres
import Secrets
import Shared

/// Changes what a message says, to whom, and when, while it has not left; a failed one returns to the queue.
///
/// The new message is read and prepared by the same code as any other; then one transaction decides, under the message's
/// lock, whether the edit or a claim came first.
struct EditMessage: Sendable {
    let postgres: PostgresPool
    let prepare: PrepareMessages
    let due: DueWork

    /// - Throws: `Problem` `not-found`, `invalid-request`, `message-changed`; `ActRefusal`.
    func callAsFunction(_ body: JSONValue, of id: MessageID, for acting: Acting, requestID: String) async throws {
        let orgID = acting.orgID
        let current = try await self.postgres.transaction(for: [orgID]) { connection in
            try MessageStore(orgID: orgID).find(id, on: connection)
        }
        guard let current else { throw Problem.notFound }
        try current.checkEditable()
        let account = try await self.account(of: current)
        let unsubscribeURL = account.flatMap { self.prepare.links.url(current.link(by: $0)) }
        var edit = try MessageEdit(
            body,
            of: current,
            now: try await OrgNow(postgres: self.postgres)(for: acting),
            region: acting.defaultRegion,
            lead: acting.scheduleLead,
            unsubscribeURL: unsubscribeURL
        )
        let target = try await self.prepare(&edit, current, account, unsubscribeURL, for: acting, requestID: requestID)
        let act = Act(.edit, by: acting.actor, requestID: requestID, detail: ["changed": edit.names])
        let due = try await self.postgres.transaction(for: [orgID]) { [edit] connection in
            try Self.write(edit, target, of: current, as: act, on: connection)
        }
        self.due.add(due)
    }

    /// A new recipient is found and a template filled as for a new message; the old recipient stays who it was when the
    /// message was made.
    private func prepare(
        _ edit: inout MessageEdit,
        _ current: MessageResource,
        _ account: ChosenAccount?,
        _ unsubscribeURL: String?,
        for acting: Acting,
        requestID: String
    ) async throws -> EditTarget {
        let old = edit.changesRecipient ? nil : EditTarget(current)
        if let old, !edit.fillsTemplate {
            if let account { try Self.render(&edit, current, by: account, unsubscribeURL) }
            return old
        }
        let request = CreateRequest(
            orgID: acting.orgID,
            actor: acting.actor,
            mode: acting.mode,
            requestID: requestID,
            message: edit.message,
            idempotency: nil,
            id: current.id
        )
        guard let prepared = try await self.prepare([request]).first?.get() else { throw Problem.internal }
        edit.message.content = prepared.parts
        return old ?? EditTarget(prepared)
    }

    /// The message's account as it is now, where it has a say in what is read; nil elsewhere.
    private func account(of current: MessageResource) async throws -> ChosenAccount? {
        guard current.channel == .sms || current.channel == .email else { return nil }
        // The key's mode decided when the message was made: a test key may edit what a live one sent.
        let wish = ChooseAccounts.Wish(
            orgID: current.orgID,
            mode: .live,
            channel: current.channel,
            accountID: current.accountID
        )
        guard let account = try await self.prepare.accounts([wish]).first?.get() else { throw Problem.internal }
        return account
    }

    /// Makes the text anew, by what the message's account says now.
    private static func render(
        _ edit: inout MessageEdit,
        _ current: MessageResource,
        by account: ChosenAccount,
        _ unsubscribeURL: String?
    ) throws(Problem) {
        guard edit.changesContent || unsubscribeURL != nil else { return }
        edit.message.content = try RenderContent.render(
            edit.message.content,
            edit.message.category,
            on: current.channel,
            by: account,
            unsubscribeURL: unsubscribeURL
        )
    }

    /// Takes a message out of a lane that is no longer its own, changes it, and puts it where it belongs now.
    private static func write(
        _ edit: MessageEdit,
        _ target: EditTarget,
        of current: MessageResource,
        as act: Act,
        on connection: isolated PostgresConnection
    ) throws -> Set<DueAccount> {
        let key = MessageKey(orgID: current.orgID, id: current.id)
        var before = try SettlementStore.lock([key], on: connection)
        guard let settlement = before.settlements[key] else { throw Problem.notFound }
        try settlement.checkEditable()
        if settlement.isMoved(by: edit, to: target) { before.settlements[key]?.leaveQueue() }
        let due = try SettlementStore.save(before, on: connection)
        guard try EditStore.update(current, to: target, edit, on: connection) else { throw Problem.messageChanged }
        if edit.changesAttachments {
            try connection.pipeline(
                [MailFileStore.delete(of: key)] + MailFileStore.insert(edit.message.attachments, of: key)
            )
        }
        // One that waits for its next attempt goes on waiting for it.
        let waitsUntil = settlement.stored.row.flatMap { row in
            row.dueAt > before.clock.now(of: key.orgID) ? row.dueAt : nil
        }
        var after = try SettlementStore.lock([key], on: connection)
        try after.change(key) { settlement, now throws(ActRefusal) in
            // An edit of what it says alone leaves it where it stands.
            guard edit.changesTime || settlement.stored.row == nil else { return settlement.stayInQueue() }
            try settlement.reschedule(edit.message.scheduledAt, now: now)
            if !edit.changesTime, let waitsUntil { settlement.wait(until: waitsUntil) }
        }.check()
        return due.union(try SettlementStore.save(after, act: act, on: connection))
    }
}

extension MessageResource {
    /// Says at once what the lock would say later, before anything is said about the edit itself.
    fileprivate func checkEditable() throws(ActRefusal) {
        guard self.direction == .outbound else { throw .inbound }
        switch self.status {
        case .scheduled, .queued, .failed: return
        case .sending: throw .inFlight
        case .uncertain, .sent, .delivered, .read, .skipped, .cancelled, .expired:
            throw .wrongState(self.status, allowed: ActRefusal.editable)
        }
    }
}

extension MessageResource {
    fileprivate func link(by account: ChosenAccount) -> UnsubscribeLink {
        .init(of: self.id, for: self.orgID, on: self.channel, to: self.address, by: account)
    }
}

extension Settlement {
    /// Whether the message belongs into another lane, or is claimed by other rules, than before.
    fileprivate func isMoved(by edit: MessageEdit, to target: EditTarget) -> Bool {
        guard self.stored.row != nil else { return false }
        return self.stored.conversationID != target.conversationID || self.stored.accountID != target.accountID
            || self.stored.category != edit.message.category || self.stored.expiresAt != edit.message.expiresAt
    }
}

extension Problem {
    fileprivate static let messageChanged = Problem(
        code: "message-changed",
        status: 409,
        title: "The message was changed by somebody else at the same moment; look at it and try again."
    )
}
