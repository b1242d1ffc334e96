import Erasing
import InternalAPI
import Postgres
import Shared

/// Erases what messages said and to whom, wherever it is kept: the tables, the stored answers, the archive.
///
/// What has not been sent is cancelled first; what a worker has at the moment is waited for. Each call makes one bounded step,
/// and says where the next one goes on. Repeating a step changes nothing.
///
/// What else keeps something of a customer is erased in `ErasureStore.statements`, by the ids of their messages, in `places`, by
/// their own ids, or in `EraseRecipients`, by their addresses.
struct EraseMessages: Sendable {
    let postgres: PostgresPool
    let change: ChangeMessages
    let recipients: EraseRecipients
    /// Nil where nothing is archived.
    let archive: ArchiveDirectory?

    func callAsFunction(_ request: ErasureRequest, for acting: Acting, requestID: String) async throws -> ErasureAnswer
    {
        let orgID = acting.orgID
        switch try ErasurePlace(cursor: request.cursor) {
        case .messages(let last, let waits):
            let act = Act(.cancel, by: acting.actor, requestID: requestID, detail: ["because": "erased"])
            return try await self.eraseMessages(request, after: last, waits: waits, of: orgID, as: act)
        case .places:
            try await self.postgres.transaction(for: [orgID]) { connection in
                _ = try connection.pipeline(ErasureStore(orgID: orgID).places(of: request))
            }
            return ErasureAnswer(.goesOn(cursor: ErasurePlace.recipients(after: nil).cursor))
        case .recipients(let last):
            let next = try await self.postgres.transaction(for: [orgID]) { connection in
                try self.recipients(request, after: last, of: orgID, on: connection)
            }
            let place = next.map { ErasurePlace.recipients(after: $0) } ?? .answers(after: nil)
            return ErasureAnswer(.goesOn(cursor: place.cursor))
        case .answers(let last):
            let ids = request.customerIDs.map(\.description) + request.conversationIDs.map(\.description)
            let next = try await self.postgres.transaction(for: [orgID]) { connection in
                try EraseAnswers(orgID: orgID)(with: ids, after: last, on: connection)
            }
            return ErasureAnswer(
                .goesOn(cursor: (next.map { .answers(after: $0) } ?? ErasurePlace.archive(after: nil)).cursor)
            )
        case .archive(let last):
            guard let archive else { return ErasureAnswer(.done) }
            let next = try await self.postgres.transaction(for: [orgID]) { connection in
                try connection.query(ErasureStore(orgID: orgID).lockArchive)
                return try archive.eraseNext(after: last, of: orgID, CustomerLines(request))
            }
            return ErasureAnswer(next.map { .goesOn(cursor: ErasurePlace.archive(after: $0).cursor) } ?? .done)
        }
    }

    /// The next messages, the oldest first.
    private func eraseMessages(
        _ request: ErasureRequest,
        after last: MessageID?,
        waits: Bool,
        of orgID: OrgID,
        as act: Act
    ) async throws -> ErasureAnswer {
        let store = ErasureStore(orgID: orgID)
        let found = try await self.postgres.transaction(for: [store.orgID]) { connection in
            try connection.query(store.next(request, after: last)).map { row in
                (id: try row.get("id", as: MessageID.self), isUnfinished: try row.get("is_unfinished", as: Bool.self))
            }
        }
        let unfinished = found.filter(\.isUnfinished).map { MessageKey(orgID: store.orgID, id: $0.id) }
        try await self.change(unfinished, as: act) { settlement, now throws(ActRefusal) in
            try settlement.giveUp(now: now)
        }
        let isSettled = try await self.postgres.transaction(for: [store.orgID]) { connection in
            try store.erase(found.map(\.id), on: connection)
        }
        let waits = waits || !isSettled
        guard found.count < ErasureStore.batch else {
            return ErasureAnswer(.goesOn(cursor: ErasurePlace.messages(after: found.last?.id, waits: waits).cursor))
        }
        return ErasureAnswer(waits ? .waits : .goesOn(cursor: ErasurePlace.places.cursor))
    }
}
