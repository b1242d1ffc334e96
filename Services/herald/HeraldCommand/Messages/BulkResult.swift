import Shared

/// What became of one message of several: `{"id", "status", "error"}`.
enum BulkResult {
    static let columns: [ResourceColumn] = [
        .member("id"),
        ResourceColumn(shape: .init(title: "result")) { Self.isDone($0) ? "done" : "refused" },
        .member("error.code", title: "error"),
        ResourceColumn(shape: .init(title: "why")) { result in
            let detail = ResourceColumn.text(result, at: "error.detail")
            return detail == "-" ? ResourceColumn.text(result, at: "error.title") : detail
        },
    ]

    static func isDone(_ result: JSONValue) -> Bool {
        (200..<300).contains(result["status"]?.int ?? 0)
    }
}
