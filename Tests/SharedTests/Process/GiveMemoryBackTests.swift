import CProcess
import Foundation
import Testing

@Suite struct GiveMemoryBackTests {
    /// A few small pieces stay in use among very many that are free, as after a burst.
    @Test func whatABurstHasLeftGoesBackToTheSystem() throws {
        var pieces: [[UInt8]?] = (0..<256_000).map { _ in Array(repeating: 1, count: 1000) }
        for index in pieces.indices where !index.isMultiple(of: 1000) { pieces[index] = nil }
        let before = try Self.resident()
        // So much nobody has.
        herald_give_memory_back(.max)
        #expect(try Self.resident() > before - 64)
        herald_give_memory_back(16 * 1024 * 1024)
        #expect(try Self.resident() < before - 128)
        #expect(pieces.count { $0 != nil } == 256)
    }

    /// In MB.
    private static func resident() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) }) / 1024
    }
}
