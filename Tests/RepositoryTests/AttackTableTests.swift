import Foundation
import Testing

/// The table of attacks in the README, and the protections that can be taken away.
@Suite struct AttackTableTests {
    private let rows: [(letter: String, suites: [String])]

    init() throws {
        let text = try String(contentsOf: Sources.root.appending(path: "README.md"), encoding: .utf8)
        let part = try #require(text.components(separatedBy: "## What attacks are tried\n").dropFirst().first)
        self.rows = part.components(separatedBy: "\n## ")[0].split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3, cells[0].count == 1, cells[0] != "-" else { return nil }
            return (cells[0], cells[2].matches(of: /`([A-Za-z]+Tests)`/).map { String($0.1) })
        }
    }

    @Test func eachLetterHasSuitesThatAreThere() throws {
        #expect(self.rows.map(\.letter) == "ABCDEFGHIJK".map(String.init))
        let sources = try Sources.files(below: "Tests").flatMap(\.lines).joined(separator: "\n")
        for (letter, suites) in self.rows {
            #expect(!suites.isEmpty, "\(letter)")
            for suite in suites { #expect(sources.contains("struct \(suite)"), "\(letter): \(suite)") }
        }
    }

    /// Each patch says what it takes away, and names a test that is there.
    @Test func eachProtectionNamesItsTest() throws {
        let folder = Sources.root.appending(path: "Tests/Lab/protections.d")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(files.count >= 30)
        let sources = try Sources.files(below: "Tests").flatMap(\.lines).joined(separator: "\n")
        var letters: Set<Character> = []
        for file in files {
            letters.formUnion(file.lastPathComponent.prefix(1))
            let head = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").prefix(3)
            #expect(
                head.map { $0.prefix { $0 != ":" } } == ["Protection", "Test", "Round"],
                "\(file.lastPathComponent)"
            )
            let test = try #require(head.dropFirst().first?.split(separator: ".").last).split(separator: "/")
            #expect(sources.contains("struct \(test[0])"), "\(file.lastPathComponent)")
            if test.count > 1 { #expect(sources.contains("func \(test[1])("), "\(file.lastPathComponent)") }
        }
        #expect(letters == Set("ABCDEFGHIJK"))
    }
}
