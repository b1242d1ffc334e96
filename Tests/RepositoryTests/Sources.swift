import Foundation

/// The checkout that these tests were built from.
enum Sources {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    struct File: Sendable {
        /// From the checkout's root: `Shared/Models/ID.swift`.
        let path: String
        let lines: [String]

        /// The modules that the file imports.
        var imports: [String] {
            self.lines.compactMap { line in
                let words = line.split(separator: " ")
                guard let index = words.firstIndex(of: "import"), index <= 2, words.indices.contains(index + 1),
                    words.prefix(index).allSatisfy({ ["package", "@testable", "internal", "public"].contains($0) })
                else { return nil }
                return String(words[index + 1])
            }
        }
    }

    /// Every Swift file below `folder`.
    static func files(below folder: String) throws -> [File] {
        let base = self.root.appending(path: folder)
        guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
        return try walk.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map { url in
            File(
                path: String(url.path().dropFirst(self.root.path().count)),
                lines: try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
            )
        }
    }
}
