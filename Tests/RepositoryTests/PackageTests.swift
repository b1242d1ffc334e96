import Foundation
import Testing

@Suite struct PackageTests {
    private let manifest: [String]

    init() throws {
        let text = try String(contentsOf: Sources.root.appending(path: "Package.swift"), encoding: .utf8)
        self.manifest = text.components(separatedBy: "\n")
    }

    @Test func everyDependencyHasOneExactVersion() {
        let dependencies = self.manifest.filter { $0.contains(".package(url:") }
        #expect(!dependencies.isEmpty)
        for line in dependencies { #expect(line.contains("exact: \""), "\(line)") }
    }

    /// A misspelt upcoming feature is ignored without a word.
    @Test func theUpcomingFeaturesAreSpeltAsTheCompilerKnowsThem() {
        let features = self.manifest.compactMap { line -> String? in
            guard line.contains(".enableUpcomingFeature(") else { return nil }
            return line.split(separator: "\"").dropFirst().first.map(String.init)
        }
        #expect(
            features == [
                "ExistentialAny", "MemberImportVisibility", "InternalImportsByDefault",
                "NonisolatedNonsendingByDefault",
                "InferIsolatedConformances", "ImmutableWeakCaptures",
            ]
        )
    }

    @Test func theTopLevelIsAsItWasAgreed() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Sources.root.path())
        let agreed: Set = ["Package.swift", "Services", "Shared", "Tests", "deploy", "docker-compose.yml", "README.md"]
        // Files that git ignores may lie around.
        let others = names.filter { !$0.hasPrefix(".") && !agreed.contains($0) && $0 != "Package.resolved" }
        #expect(others == [])
        #expect(agreed.isSubset(of: names))
    }
}
