import Shared

/// Fetches the pages of a list.
struct ListPages {
    struct Page {
        let answer: APIAnswer
        let resources: [JSONValue]
        /// Where the next page begins; nil after the last.
        let next: String?
    }

    let client: APIClient
    let path: String
    var query: [(name: String, value: String)] = []

    func page(after cursor: String?, limit: Int) async throws -> Page {
        var query = self.query
        query.append(("limit", String(limit)))
        if let cursor { query.append(("cursor", cursor)) }
        let answer = try await self.client(.get(self.path, query: query))
        guard let json = answer.json, let resources = json["data"]?.array else { throw self.client.foreign(answer) }
        let next = json["next_cursor"]?.string
        // A cursor that does not move would be followed for ever.
        guard next == nil || next != cursor else { throw self.client.foreign(answer) }
        return Page(answer: answer, resources: resources, next: next)
    }
}
