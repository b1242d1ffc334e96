import Foundation
import InternalAPI
import Shared

/// One file of the log of what left: `<microseconds of its beginning>.kept`.
struct KeptFile: Sendable, Equatable {
    static let ending = ".kept"

    let path: String
    let startedAt: Timestamp

    init(startedAt: Timestamp, in folder: String) {
        let digits = "\(startedAt.microseconds)"
        // As many digits for each, so that names sort by time.
        let name = String(repeating: "0", count: max(0, 19 - digits.count)) + digits
        self.path = "\(folder)/\(name)\(Self.ending)"
        self.startedAt = startedAt
    }

    /// The files of a folder, the oldest first.
    static func all(in folder: String) -> [KeptFile] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return
            names.filter { $0.hasSuffix(self.ending) }
            .compactMap { Int64($0.dropLast(self.ending.count)) }
            .sorted()
            .map { KeptFile(startedAt: Timestamp(microseconds: $0), in: folder) }
    }

    struct Content {
        /// Nil where even the beginning is damaged.
        var header: KeptRecord.Header?
        var attempts: [MessagingAPI.KeptAttempt] = []
        /// Whether each record is as it was written; one that is cut off at the end was never reported as kept.
        var isWhole = true
        var isClosed = false
    }

    func read() -> Content {
        let bytes = FileManager.default.contents(atPath: self.path).map(Array.init) ?? []
        var content = Content()
        var position = 0
        while position < bytes.count {
            switch JournalFrame.read(bytes, at: position) {
            case .cut:
                position = bytes.count
            case .damaged:
                content.isWhole = false
                position += 1
            case .whole(let record, let end):
                position = end
                content.isClosed = false
                switch KeptRecord(record) {
                case .header(let header)?: content.header = header
                case .attempt(let attempt)?: content.attempts.append(attempt)
                case .closed?: content.isClosed = true
                case nil: content.isWhole = false
                }
            }
        }
        if content.header == nil { content.isWhole = false }
        return content
    }
}
