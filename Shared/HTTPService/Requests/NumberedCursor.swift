import Foundation
package import Shared

/// Which page of a numbered list is asked for: `?limit=` (1 to 200, default 50) and `?cursor=`.
package struct NumberedPageRequest: Sendable {
    package let limit: Int
    /// The last number of the page before; 0 for the first page.
    package let after: Int

    /// The page of `rows`, of which one more than `limit` was asked for to know whether there is another page.
    package func json<Row>(
        of rows: [Row],
        for orgID: OrgID,
        number: (Row) -> Int,
        _ element: (Row) -> JSONValue
    ) -> JSONValue {
        let shown = rows.prefix(self.limit)
        let next =
            rows.count > self.limit ? shown.last.map { NumberedCursor(number: number($0)).text(for: orgID) } : nil
        return ["data": .array(shown.map(element)), "next_cursor": next.map { .string($0) } ?? .null]
    }
}

/// Where a numbered list goes on: after this number.
struct NumberedCursor: Sendable, Hashable {
    let number: Int

    init(number: Int) {
        self.number = number
    }

    func text(for orgID: OrgID) -> String {
        let number = UInt64(self.number)
        let place = (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
        return CursorText.of(place, version: Self.version, for: orgID)
    }

    /// Nil for what is no cursor, one of another kind of list, or one of another organization.
    init?(_ text: String, for orgID: OrgID) {
        guard let place = CursorText.place(in: text, count: 8, version: Self.version, for: orgID) else { return nil }
        let number = place.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard number <= UInt64(Int32.max) else { return nil }
        self.number = Int(number)
    }

    private static var version: UInt8 { 3 }
}

extension QueryParameters {
    /// Reads `limit` and `cursor` of a numbered list.
    package mutating func numberedPage(for orgID: OrgID) -> NumberedPageRequest {
        NumberedPageRequest(
            limit: self.pageLimit(),
            after: self.cursor { NumberedCursor($0, for: orgID) }?.number ?? 0
        )
    }
}
