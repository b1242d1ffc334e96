import HTTPService
import InternalAPI
import NIOCore
import Shared

/// A page of one list that several services keep a part of.
///
/// Each part is sorted by its ids, which were made in the order of time, the newest first: so one cursor serves all.
struct MergedPage<Entity>: Sendable {
    struct Entry: Sendable {
        let id: ID<Entity>
        let json: JSONValue

        init(id: ID<Entity>, json: JSONValue) {
            self.id = id
            self.json = json
        }

        /// Nil for what has no id.
        init?(_ json: JSONValue) {
            guard let id = json["id"]?.string.flatMap({ ID<Entity>($0) }) else { return nil }
            self.init(id: id, json: json)
        }
    }

    /// The same page of one part: as many entries as were asked for, or all there are.
    struct Part: Sendable {
        let entries: [Entry]
        let hasMore: Bool

        /// Entries of which one more than the page has was asked for.
        init(_ entries: [Entry]) {
            self.entries = entries
            // The one too many says so by itself.
            self.hasMore = false
        }

        /// - Throws: `Problem.unavailable` when `service` did not answer a list.
        init(_ answer: InternalAnswer, of service: ServiceName) throws {
            let body = try? JSONValue(parsing: Array(answer.body.readableBytesView))
            guard let body, let elements = body["data"]?.array else { throw Problem.unavailable(service.rawValue) }
            self.entries = elements.compactMap { Entry($0) }
            self.hasMore = body["next_cursor"].map { !$0.isNull } ?? false
        }
    }

    /// As a list route answers.
    let json: JSONValue

    init(of parts: [Part], _ page: PageRequest<Entity>, for orgID: OrgID) {
        let all = parts.flatMap(\.entries).sorted { $0.id > $1.id }
        let shown = all.prefix(page.limit)
        let hasMore = all.count > page.limit || parts.contains(where: \.hasMore)
        let next = hasMore ? shown.last.map { Cursor(after: $0.id).text(for: orgID) } : nil
        self.json = Page(data: shown.map(\.json), nextCursor: next).json
    }
}
