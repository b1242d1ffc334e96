import Shared

/// A column of a table of resources: what of a resource it shows.
struct ResourceColumn: Sendable {
    let shape: TextTable.Column
    let cell: @Sendable (JSONValue) -> String

    /// Shows the member `name`, or the member of a member for `error.code`; an absent one as `-`.
    static func member(_ path: String, title: String? = nil) -> ResourceColumn {
        ResourceColumn(shape: .init(title: title ?? path)) { Self.text($0, at: path) }
    }

    /// Shows a count, to the right.
    static func number(_ path: String, title: String? = nil) -> ResourceColumn {
        ResourceColumn(shape: .init(title: title ?? path, alignment: .right)) { Self.text($0, at: path) }
    }

    /// Shows a time in UTC.
    static func time(_ path: String, title: String) -> ResourceColumn {
        ResourceColumn(shape: .init(title: title)) { ShortTime.of(Self.text($0, at: path)) }
    }

    static func text(_ resource: JSONValue, at path: String) -> String {
        let parts = path.split(separator: ".").map(String.init)
        let value = parts.reduce(resource as JSONValue?) { $0?[$1] }
        let text = value.map(CellText.of) ?? ""
        return text.isEmpty ? "-" : text
    }
}

extension TextTable {
    /// A table of resources.
    static func text(_ columns: [ResourceColumn], _ resources: [JSONValue]) -> String {
        self.text(columns.map(\.shape), resources.map { resource in columns.map { $0.cell(resource) } })
    }
}
