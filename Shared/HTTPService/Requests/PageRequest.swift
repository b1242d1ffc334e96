package import Shared

/// Which page of a list is asked for: `?limit=` (1 to 200, default 50) and `?cursor=`.
package struct PageRequest<Entity>: Sendable {
    package let limit: Int
    /// The last row of the page before; nil for the first page.
    package let after: ID<Entity>?

    package init(limit: Int, after: ID<Entity>?) {
        self.limit = limit
        self.after = after
    }

    /// The page of `rows`, of which one more than `limit` was asked for to know whether there is another page.
    package func page<Row, Element: Sendable>(
        of rows: [Row],
        for orgID: OrgID,
        id: (Row) -> ID<Entity>,
        _ element: (Row) -> Element
    ) -> Page<Element> {
        let shown = rows.prefix(self.limit)
        let next = rows.count > self.limit ? shown.last.map { Cursor(after: id($0)).text(for: orgID) } : nil
        return Page(data: shown.map(element), nextCursor: next)
    }

    /// The page as JSON, of rows of which one more than `limit` was asked for.
    package func json<Row>(
        of rows: [Row],
        for orgID: OrgID,
        id: (Row) -> ID<Entity>,
        _ element: (Row) -> JSONValue
    ) -> JSONValue {
        let page = self.page(of: rows, for: orgID, id: id, element)
        return ["data": .array(page.data), "next_cursor": page.nextCursor.map { .string($0) } ?? .null]
    }
}

extension QueryParameters {
    /// Reads `limit` and `cursor`; a page of what `type` names.
    package mutating func page<Entity>(of type: Entity.Type, for orgID: OrgID) -> PageRequest<Entity> {
        PageRequest(limit: self.pageLimit(), after: self.cursor { Cursor<Entity>($0, for: orgID) }?.id)
    }

    mutating func pageLimit() -> Int {
        self.int("limit", Limits.pageElements) ?? Limits.defaultPageElements
    }

    mutating func cursor<Value>(_ parse: (String) -> Value?) -> Value? {
        self.read("cursor", "must be a next_cursor of this list, as an earlier page gave it", parse)
    }
}
