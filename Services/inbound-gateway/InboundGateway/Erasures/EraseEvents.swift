import Foundation
import HTTPService
import InternalAPI
import Postgres
import Secrets
import Shared

/// Erases a customer's part of the webhooks that came before a time, and of the events that they brought.
///
/// The inbox knows nobody's id, so each webhook and event of the organization is compared, step by step; it has those of the last
/// 30 days. What was still to be passed on is not.
struct EraseEvents: Sendable {
    /// Rows of one step, and bytes of webhooks: a mail may have 25 MB.
    private static let batch = 100
    private static let batchBytes = 16 << 20

    let postgres: PostgresPool
    let marks: AddressMarks

    func callAsFunction(_ request: ErasureRequest, for context: OrgRequestContext) async throws -> ErasureAnswer {
        let finder = AddressFinder(request.marks, marks: self.marks, of: context.orgID)
        let place = try Place(cursor: request.cursor)
        guard !request.marks.isEmpty else { return ErasureAnswer(.done) }
        return try await self.postgres.transaction(for: [context.orgID]) { connection in
            let step = Step(store: InboxErasureStore(orgID: context.orgID, before: request.before), finder: finder)
            switch place {
            case .requests(let last):
                let next = try step.requests(after: last, on: connection)
                let place = next.map { Place.requests(after: $0) } ?? .events(after: nil)
                return ErasureAnswer(.goesOn(cursor: place.cursor))
            case .events(let last):
                return ErasureAnswer(try step.events(after: last, on: connection))
            }
        }
    }

    private enum Place {
        case requests(after: ID<InboxRequest>?)
        /// Those whose webhooks were not there, too.
        case events(after: ID<InboxEvent>?)

        var cursor: String {
            switch self {
            case .requests(let last): "requests \(last?.description ?? "")"
            case .events(let last): "events \(last?.description ?? "")"
            }
        }

        init(cursor: String?) throws(Problem) {
            let parts = (cursor ?? "requests ").split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            switch parts.first {
            case "requests": self = .requests(after: ID(parts.last ?? ""))
            case "events": self = .events(after: ID(parts.last ?? ""))
            default: throw .invalidRequest([.init(pointer: "/cursor", detail: "is no place of an erasure")])
            }
        }
    }

    private struct Step {
        let store: InboxErasureStore
        let finder: AddressFinder

        /// - Returns: the last that was looked at; nil at the end.
        func requests(
            after last: ID<InboxRequest>?,
            on connection: isolated PostgresConnection
        ) throws -> ID<InboxRequest>? {
            var (ids, bytes): ([ID<InboxRequest>], Int) = ([], 0)
            let sizes = try connection.query(self.store.sizes(after: last, atMost: EraseEvents.batch))
            for row in sizes {
                bytes += try row.get("bytes", as: Int.self)
                guard ids.isEmpty || bytes <= EraseEvents.batchBytes else { break }
                ids.append(try row.get("id"))
            }
            for request in try connection.query(self.store.requests(ids)).map({ try StoredRequest($0) }) {
                guard let remainder = request.remainder(without: self.finder) else { continue }
                try connection.pipeline(self.store.erase(request, leaving: remainder))
            }
            return ids.count < EraseEvents.batch && ids.count == sizes.count ? nil : ids.last
        }

        /// An opt-out has its effect before it is erased, so that nothing is sent that they wanted no more.
        func events(
            after last: ID<InboxEvent>?,
            on connection: isolated PostgresConnection
        ) throws -> ErasureAnswer.State {
            let rows = try connection.query(self.store.messages(after: last, atMost: EraseEvents.batch))
            var (theirs, waits): ([ID<InboxEvent>], Bool) = ([], false)
            for row in rows where self.finder.sent(try row.get("content")) {
                if try row.get("is_open") {
                    waits = true
                } else {
                    theirs.append(try row.get("id"))
                }
            }
            if !theirs.isEmpty { try connection.query(self.store.erase(theirs)) }
            guard !waits else { return .waits }
            guard rows.count == EraseEvents.batch, let last = rows.last else { return .done }
            return .goesOn(cursor: Place.events(after: try last.get("id")).cursor)
        }
    }
}

extension AddressFinder {
    /// Whether an event's content says that it came from one of the addresses: a message, or an opt-out.
    func sent(_ content: String) -> Bool {
        let content = Data(content.utf8)
        let senders =
            (try? JSONDecoder().decode(InboundMessage.self, from: content))?.senders
            ?? (try? JSONDecoder().decode(OptOut.self, from: content)).map { [$0.address] } ?? []
        return senders.contains(where: self.isTheirs)
    }
}
