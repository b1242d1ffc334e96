import APIGateway
import Foundation
import Shared
import Testing

/// No key of anybody stands in what is published.
@Suite struct SecretScanTests {
    /// What other secrets look like; what tests are given is none.
    private static let shapes: [(name: String, pattern: String)] = [
        ("a private key", "-----BEGIN [A-Z ]*PRIVATE KEY-----"),
        ("a key of AWS", "AKIA[0-9A-Z]{16}"),
        ("a key of SendGrid", "SG\\.[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{43}"),
        ("a token of Meta", "EAA[A-Za-z0-9]{100,}"),
        ("a token of GitHub", "gh[pousr]_[A-Za-z0-9]{36}"),
    ]

    /// Our own keys that stand in `text`: prefix and checksum tell them from noise.
    private static func keys(in text: String) -> [String] {
        ["hk_live_", "hk_test_"].flatMap { prefix in
            text.ranges(of: prefix).compactMap { range in
                let candidate = String(text[range.lowerBound...].prefix(90))
                return KeyToken(candidate) == nil ? nil : candidate
            }
        }
    }

    private static func findings(in text: String) throws -> [String] {
        let others = try Self.shapes.filter { try text.contains(Regex($0.pattern)) }.map(\.name)
        return others + Self.keys(in: text).map { _ in "a key of Herald" }
    }

    @Test func nothingThatIsPublishedHasAKey() throws {
        let files = try Self.published()
        #expect(files.count > 500)
        for (path, text) in files where !path.hasSuffix("SecretScanTests.swift") {
            #expect(try Self.findings(in: text) == [], "\(path)")
        }
    }

    /// Of every commit, on every branch: what was taken out again is still published.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: Sources.root.appending(path: ".git").path())))
    func nothingInTheHistoryIsAKey() throws {
        let commits = try Self.git(["rev-list", "--all", "--count"])
        #expect((Int(commits.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0) > 0)
        let changes = try Self.git(["log", "--all", "--patch", "--text", "--format=commit %H", "-Ghk_(live|test)_"])
        #expect(changes.contains("hk_live_"))
        var commit = ""
        for line in changes.split(separator: "\n") {
            if line.hasPrefix("commit ") { commit = String(line.dropFirst(7)) }
            #expect(Self.keys(in: String(line)).isEmpty, "\(commit)")
        }
    }

    private static func git(_ arguments: [String]) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["git", "-C", Sources.root.path()] + arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }

    @Test(arguments: [KeyMode.live, .test]) func aKeyWouldBeFound(mode: KeyMode) throws {
        let key = KeyToken.make(.new(), mode: mode).text
        #expect(
            try Self.findings(in: "curl -H 'Authorization: Bearer \(key)' https://example.com") == ["a key of Herald"]
        )
        let last = key.last == "0" ? "1" : "0"
        #expect(try Self.findings(in: String(key.dropLast()) + last) == [])
    }

    @Test func otherSecretsWouldBeFound() throws {
        let samples = [
            "-----BEGIN " + "EC PRIVATE KEY-----", "AKIA" + String(repeating: "A", count: 16),
            "SG." + String(repeating: "a", count: 22) + "." + String(repeating: "b", count: 43),
            "EAA" + String(repeating: "x", count: 120), "ghp_" + String(repeating: "a", count: 36),
        ]
        for sample in samples { #expect(try Self.findings(in: "x \(sample) y").count == 1, "\(sample)") }
    }

    /// The files that git has or would take; all there are where this is no checkout.
    private static func published() throws -> [(path: String, text: String)] {
        let folders = ["Services", "Shared", "Tests", "deploy", ".ci", ".github"]
        let files = [
            "Package.swift", "Package.resolved", "README.md", "docker-compose.yml", ".env.example",
        ].map { Sources.root.appending(path: $0) }
        let below = folders.flatMap { folder in
            FileManager.default.enumerator(at: Sources.root.appending(path: folder), includingPropertiesForKeys: nil)?
                .compactMap { $0 as? URL } ?? []
        }
        return (files + below).compactMap { url in
            guard let data = try? Data(contentsOf: url), data.count < 4 << 20 else { return nil }
            return (url.path(), String(decoding: data, as: UTF8.self))
        }
    }
}
