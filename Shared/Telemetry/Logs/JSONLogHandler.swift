import Foundation
package import Logging

/// Writes one JSON object per line to standard error.
///
/// Values are escaped, so that nobody can forge a line, and cut, so that nobody can fill a disk with one.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level = .info
    private let label: String
    private let write: @Sendable ([UInt8]) -> Void
    private let count: @Sendable (Logger.Level) -> Void

    /// - Parameters:
    ///   - label: of the logger.
    ///   - write: takes one whole line, its newline included.
    ///   - count: is told the level of each line.
    package init(
        label: String,
        write: @escaping @Sendable ([UInt8]) -> Void = StandardError.write,
        count: @escaping @Sendable (Logger.Level) -> Void = { _ in }
    ) {
        self.label = label
        self.write = write
        self.count = count
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var line = LogLine()
        line.add("time", LogLine.now())
        line.add("level", event.level.rawValue)
        line.add("logger", self.label)
        line.add("message", "\(event.message)")
        for (key, value) in self.metadata where event.metadata?[key] == nil { line.add(Self.name(of: key), "\(value)") }
        for (key, value) in event.metadata ?? [:] { line.add(Self.name(of: key), "\(value)") }
        self.count(event.level)
        self.write(line.finished())
    }

    /// Hummingbird's own key of the request id, as we name it everywhere else.
    private static func name(of key: String) -> String {
        key == "hb.request.id" ? "request_id" : key
    }
}

package enum StandardError {
    /// Writes with a single call, which the kernel does not mix with those of other threads.
    @Sendable package static func write(_ line: [UInt8]) {
        unsafe line.withUnsafeBytes { bytes in
            _ = unsafe Foundation.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
        }
    }
}
