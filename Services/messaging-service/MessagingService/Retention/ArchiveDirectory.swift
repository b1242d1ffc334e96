package import Configuration
import Dispatch
import Foundation
package import Shared

/// Where messages are kept as files when they leave the database: `<org id>/<day>/<first id>-<last id>.jsonl.gz`.
///
/// Key, under the scope `engine`:
/// - `archive.dir` (string, default none): the absolute path of a directory that is there and can be written in. Replicas
///   may share one.
package struct ArchiveDirectory: Sendable {
    /// The environment variable, for sentences about it.
    static let setting = "ENGINE_ARCHIVE_DIR"

    let path: String
    /// Files are written one after the other, on a thread where blocking is allowed.
    private let queue = DispatchQueue(label: "archive")

    package init(path: String) throws(ConfigFailure) {
        guard path.hasPrefix("/") else {
            throw ConfigFailure(key: "engine.archive.dir", reason: "\(path) is not an absolute path")
        }
        self.path = path
    }

    /// Nil where none is configured; an empty value is none.
    package init?(reader: ConfigReader) async throws {
        guard let path = try await reader.fetchString(forKey: "archive.dir"), !path.isEmpty else { return nil }
        try self.init(path: path)
    }

    /// Writes messages as one file, and returns when it is on the disk.
    ///
    /// - Throws: `ArchiveFailure` when the directory can not be written in, `Gzip.Failure`.
    package func write(_ messages: [ArchivedMessage], of orgID: OrgID, on day: String) async throws {
        guard let first = messages.first, let last = messages.last else { return }
        let root = self.path
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            self.queue.async {
                continuation.resume(
                    with: Result {
                        let content = try Gzip.compress(Self.lines(messages))
                        // The root is never made: where it is missing, a disk is not mounted.
                        let folder = ArchiveFolder(path: root)
                        try folder.subfolder("\(orgID)").subfolder(day).store(content, as: "\(first.id)-\(last.id)")
                    }
                )
            }
        }
    }

    private static func lines(_ messages: [ArchivedMessage]) -> [UInt8] {
        var lines: [UInt8] = []
        lines.reserveCapacity(messages.reduce(0) { $0 + $1.line.count + 1 })
        for message in messages {
            lines += message.line
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }
}
