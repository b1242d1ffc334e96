package import Configuration
import Foundation
import Shared

/// What the engine can be tuned by.
///
/// Keys:
/// - `engine.leaseTime` (int, seconds, default 60, range 30–600): how long a worker has a message to itself. It must be
///   longer than the worker's deadline for providers (20 s) with a margin of 10 s.
/// - `engine.uncertainHold` (int, seconds, default 120, range 1–86400): how long an uncertain message waits for evidence.
/// - `engine.createBatch` (int, default 256, range 1–1000): creates, or calls with inbound messages, written by one
///   transaction.
/// - `engine.archive.dir` (string, absolute path, default none): see `ArchiveDirectory`.
/// - `engine.metrics.by.org` (bool, default false): whether `/metrics` names the organizations that have most in the queue.
/// - `engine.createBatches` (int, default 2, range 1–16): such transactions at the same time.
package struct EngineConfig: Sendable {
    package let leaseTime: Duration
    package let uncertainHold: Duration
    package let createBatch: Int
    package let createBatches: Int
    package let metricsByOrg: Bool
    /// Where messages go whose organization wants them archived; nil when there is no such place.
    let archive: ArchiveDirectory?
    /// Creates that wait for their batch; more are answered 503 at once.
    package static let waitingCreates = 10_000

    package init(reader: ConfigReader) async throws {
        self.leaseTime = .seconds(try await reader.fetchInt("leaseTime", default: 60, in: 30...600))
        self.uncertainHold = .seconds(try await reader.fetchInt("uncertainHold", default: 120, in: 1...86_400))
        self.createBatch = try await reader.fetchInt("createBatch", default: 256, in: 1...1000)
        self.archive = try await ArchiveDirectory(reader: reader)
        self.metricsByOrg = try await reader.fetchBool(forKey: "metrics.by.org", default: false)
        self.createBatches = try await reader.fetchInt("createBatches", default: 2, in: 1...16)
    }
}

extension ConfigReader {
    /// Reads with `fetch…`, which throws on a malformed value where `int(forKey:default:)` would use the default.
    fileprivate func fetchInt(_ key: ConfigKey, default value: Int, in range: ClosedRange<Int>) async throws -> Int {
        let number = try await self.fetchInt(forKey: key, default: value)
        guard range.contains(number) else {
            throw ConfigFailure(key: "engine.\(key)", reason: "\(number) is outside \(range)")
        }
        return number
    }
}
