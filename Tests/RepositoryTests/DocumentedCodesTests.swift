import Shared
import TestSupport
import Testing

/// The codes of problems, as the sources have them and as the public document lists them.
@Suite struct DocumentedCodesTests {
    /// What providers are told, and services each other.
    private static let others: Set = [
        "challenge-refused", "number-forbidden", "signature-invalid", "webhook-secret-missing", "webhook-unreadable",
        "invalid-lease", "too-many-items", "worker-superseded", "another-epoch",
    ]

    @Test func theDocumentListsThemAll() throws {
        let schemas = try APIDocument.ours.get().root["components"]?["schemas"]
        let listed = schemas?["Problem"]?["properties"]?["code"]?["enum"]?.array?.compactMap(\.string) ?? []
        let used = try Self.codes()
        #expect(used.count > 30)
        #expect(Set(listed) == used.subtracting(Self.others))
        #expect(Set(listed).count == listed.count)
    }

    private static func codes() throws -> Set<String> {
        let files = try ["Services", "Shared"].flatMap { try Sources.files(below: $0) }
        return Set(
            files.filter { !$0.path.hasPrefix("Shared/TestSupport/") }.flatMap { file in
                file.lines.joined(separator: "\n").matches(of: /Problem\(\s*code: "([a-z0-9-]+)"/).map { String($0.1) }
            }
        )
    }
}
