import Shared

/// Fetches a list page by page, and prints each page as it comes.
struct ListResources {
    let client: APIClient
    let path: String
    var query: [(name: String, value: String)] = []
    let options: ListOptions
    let columns: [ResourceColumn]

    func callAsFunction(as output: OutputOptions, in session: Session) async throws {
        var printer = ListPrinter(format: output.format(in: session.context), columns: self.columns)
        var remaining = self.options.all ? Int.max : self.options.limit
        var cursor = self.options.cursor
        repeat {
            var query = self.query
            query.append(("limit", String(min(remaining, Limits.pageElements.upperBound))))
            if let cursor { query.append(("cursor", cursor)) }
            let answer = try await self.client(.get(self.path, query: query))
            guard let json = answer.json, let resources = json["data"]?.array else {
                throw self.client.foreign(answer)
            }
            let next = json["next_cursor"]?.string
            // A cursor that does not move would be followed for ever.
            guard next == nil || next != cursor else { throw self.client.foreign(answer) }
            cursor = next
            remaining -= resources.count
            let isLast = cursor == nil || remaining <= 0
            session.context.write(printer.text(of: answer, resources, next: cursor, isLast ? .last : .furtherFollow))
            if isLast { return }
        } while true
    }
}
