import Shared

/// Fetches a list page by page, and prints each page as it comes.
struct ListResources {
    let client: APIClient
    let path: String
    var query: [(name: String, value: String)] = []
    let options: ListOptions
    let columns: [ResourceColumn]

    func callAsFunction(as output: OutputOptions, in session: Session) async throws {
        let pages = ListPages(client: self.client, path: self.path, query: self.query)
        var printer = ListPrinter(format: output.format(in: session.context), columns: self.columns)
        var remaining = self.options.all ? Int.max : self.options.limit
        var cursor = self.options.cursor
        repeat {
            let page = try await pages.page(after: cursor, limit: min(remaining, Limits.pageElements.upperBound))
            cursor = page.next
            remaining -= page.resources.count
            let isLast = cursor == nil || remaining <= 0
            session.context.write(
                printer.text(of: page.answer, page.resources, next: cursor, isLast ? .last : .furtherFollow)
            )
            if isLast { return }
        } while true
    }
}
