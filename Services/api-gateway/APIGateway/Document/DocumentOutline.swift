/// The parts of our own `openapi.yaml` that a reader looks for, each with its lines.
///
/// No YAML parser: the file is ours and is indented by two everywhere, so that lines are enough.
package struct DocumentOutline: Sendable, Equatable {
    /// One operation, or one schema, response or parameter.
    package struct Part: Sendable, Equatable {
        package let name: String
        package let summary: String
        package let yaml: String
    }

    /// Named `POST /api/v1/messages`.
    package private(set) var operations: [Part] = []
    package private(set) var schemas: [Part] = []

    /// Beside them stands what all operations of a path share.
    private static let methods: Set = ["get", "put", "post", "patch", "delete"]

    package init(yaml: String) {
        let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
        let paths = Self.blocks(Self.block("paths:", in: lines[...]), indent: 2)
        for path in paths {
            for operation in Self.blocks(path.lines, indent: 4) where Self.methods.contains(operation.name) {
                self.operations.append(
                    Self.part("\(operation.name.uppercased()) \(path.name)", operation.lines, indent: 6)
                )
            }
        }
        let components = Self.block("components:", in: lines[...])
        let schemas = Self.blocks(components, indent: 2).first { $0.name == "schemas" }?.lines ?? []
        self.schemas = Self.blocks(schemas, indent: 4).map { Self.part($0.name, $0.lines, indent: 6) }
    }

    private static func part(_ name: String, _ lines: ArraySlice<Substring>, indent: Int) -> Part {
        let spaces = String(repeating: " ", count: indent)
        let summary = lines.lazy.compactMap { line in
            ["summary: ", "description: "].compactMap { label in
                line.hasPrefix(spaces + label) ? line.dropFirst(indent + label.count) : nil
            }.first
        }.first
        return Part(
            name: name,
            summary: summary.map(String.init) ?? "",
            yaml: lines.map { $0.dropFirst(indent) }.joined(separator: "\n")
        )
    }

    /// The lines below a line of the top level.
    private static func block(_ name: String, in lines: ArraySlice<Substring>) -> ArraySlice<Substring> {
        guard let start = lines.firstIndex(where: { $0 == name }) else { return [] }
        let rest = lines[(start + 1)...]
        let end = rest.firstIndex { $0.first.map { $0 != " " && $0 != "#" } ?? false } ?? rest.endIndex
        return rest[..<end]
    }

    /// The mappings that start with exactly `indent` spaces.
    private static func blocks(
        _ lines: ArraySlice<Substring>,
        indent: Int
    ) -> [(name: String, lines: ArraySlice<Substring>)] {
        let starts = lines.indices.filter { index in
            let line = lines[index]
            return line.prefix { $0 == " " }.count == indent && line.hasSuffix(":")
                && !line.dropFirst(indent).hasPrefix("#")
        }
        return starts.enumerated().map { position, start in
            let end = position + 1 < starts.count ? starts[position + 1] : lines.endIndex
            return (String(lines[start].dropFirst(indent).dropLast()), lines[(start + 1)..<end])
        }
    }
}
