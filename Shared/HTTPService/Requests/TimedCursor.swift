import Foundation
package import Shared

/// Where a list by a time goes on: after the row with this time and this id.
///
/// The time travels with the cursor: a row whose time has changed since does not move the place where the list goes on.
package struct TimedCursor<Entity>: Sendable, Hashable {
    package let time: Timestamp
    package let id: ID<Entity>

    package init(after time: Timestamp, _ id: ID<Entity>) {
        self.time = time
        self.id = id
    }

    package func text(for orgID: OrgID) -> String {
        let microseconds = UInt64(bitPattern: self.time.microseconds)
        let time = (0..<8).map { UInt8(truncatingIfNeeded: microseconds >> UInt64(56 - 8 * $0)) }
        return CursorText.of(time + self.id.uuid.bytes, version: Self.version, for: orgID)
    }

    /// Nil for what is no cursor, one of another kind of list, or one of another organization.
    package init?(_ text: String, for orgID: OrgID) {
        guard let place = CursorText.place(in: text, count: 24, version: Self.version, for: orgID),
            let uuid = UUID(bytes: place.suffix(16))
        else { return nil }
        let microseconds = place.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.time = Timestamp(microseconds: Int64(bitPattern: microseconds))
        self.id = ID(uuid)
        // What we never wrote may be no time at all.
        guard self.time >= .epoch, self.time <= .distantFuture else { return nil }
    }

    private static var version: UInt8 { 2 }
}

/// Which page of a list by a time is asked for: `?limit=` (1 to 200, default 50) and `?cursor=`.
package struct TimedPageRequest<Entity>: Sendable {
    package let limit: Int
    /// The last row of the page before; nil for the first page.
    package let after: TimedCursor<Entity>?

    /// The page of `rows`, of which one more than `limit` was asked for to know whether there is another page.
    package func page<Row, Element: Sendable>(
        of rows: [Row],
        for orgID: OrgID,
        place: (Row) -> TimedCursor<Entity>,
        _ element: (Row) -> Element
    ) -> Page<Element> {
        let shown = rows.prefix(self.limit)
        let next = rows.count > self.limit ? shown.last.map { place($0).text(for: orgID) } : nil
        return Page(data: shown.map(element), nextCursor: next)
    }
}

extension QueryParameters {
    /// Reads `limit` and `cursor`; a page of what `type` names.
    package mutating func timedPage<Entity>(of type: Entity.Type, for orgID: OrgID) -> TimedPageRequest<Entity> {
        TimedPageRequest(limit: self.pageLimit(), after: self.cursor { TimedCursor($0, for: orgID) })
    }
}
