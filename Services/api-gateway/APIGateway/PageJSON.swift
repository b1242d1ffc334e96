import HTTPService
import Shared

extension PageRequest {
    /// The page as JSON, of rows of which one more than `limit` was asked for.
    func json<Row>(
        of rows: [Row],
        for orgID: OrgID,
        id: (Row) -> ID<Entity>,
        _ element: (Row) -> JSONValue
    ) -> JSONValue {
        let page = self.page(of: rows, for: orgID, id: id, element)
        return ["data": .array(page.data), "next_cursor": page.nextCursor.map { .string($0) } ?? .null]
    }
}
