import Dispatch
import Glibc
import Synchronization

/// The file of accepted messages, one line each, on disk before `append` returns.
///
/// A queue of its own writes what has gathered while the last write was synced: one `fdatasync` for all that wait, so
/// the rate of requests is not bound to the rate of the disk.
final class LedgerFile: Sendable {
    private struct Waiting {
        var lines = ""
        var appenders: [CheckedContinuation<Void, any Error>] = []
        var isWriting = false
    }

    /// Whether a line is synced to the disk before it counts as written.
    enum Durability: Sendable {
        case synced
        /// For measuring without the disk: a line is only handed to the kernel.
        case unsynced
    }

    private let path: String
    private let descriptor: Int32
    private let durability: Durability
    private let queue = DispatchQueue(label: "ledger")
    private let waiting = Mutex(Waiting())

    /// Opens the file for appending, and creates it when it is missing.
    ///
    /// Throws `LedgerFailure` when the file cannot be written.
    init(path: String, durability: Durability) throws(LedgerFailure) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LedgerFailure(path: path, code: errno)
        }
        self.path = path
        self.descriptor = descriptor
        self.durability = durability
        try self.endLastLine()
    }

    deinit {
        close(self.descriptor)
    }

    /// Returns once the line is on the disk.
    func append(_ line: String) async throws {
        try await withCheckedThrowingContinuation { continuation in
            let startsWriting = self.waiting.withLock { waiting in
                waiting.lines += line
                waiting.lines += "\n"
                waiting.appenders.append(continuation)
                let wasWriting = waiting.isWriting
                waiting.isWriting = true
                return !wasWriting
            }
            if startsWriting {
                self.queue.async { self.drain() }
            }
        }
    }

    /// Writes until nothing waits; runs on `queue` only.
    private func drain() {
        while let batch = self.takeBatch() {
            let result = Result { try self.write(batch.lines) }
            for appender in batch.appenders {
                appender.resume(with: result)
            }
        }
    }

    private func takeBatch() -> Waiting? {
        self.waiting.withLock { waiting in
            guard !waiting.appenders.isEmpty else {
                waiting.isWriting = false
                return nil
            }
            let batch = waiting
            waiting = Waiting(isWriting: true)
            return batch
        }
    }

    private func write(_ text: String) throws(LedgerFailure) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(self.descriptor, bytes.baseAddress, bytes.count)
            }
            guard written > 0 || errno == EINTR else {
                throw LedgerFailure(path: self.path, code: errno)
            }
            rest = rest.dropFirst(max(written, 0))
        }
        switch self.durability {
        case .synced:
            guard fdatasync(self.descriptor) == 0 else {
                throw LedgerFailure(path: self.path, code: errno)
            }
        case .unsynced:
            break
        }
    }

    /// Ends a line that a crash cut short, so that the next one starts on its own.
    private func endLastLine() throws(LedgerFailure) {
        let size = lseek(self.descriptor, 0, SEEK_END)
        var last = UInt8(ascii: "\n")
        if size > 0, unsafe pread(self.descriptor, &last, 1, size - 1) != 1 {
            throw LedgerFailure(path: self.path, code: errno)
        }
        if last != UInt8(ascii: "\n") {
            try self.write("\n")
        }
    }
}

/// The ledger cannot be written.
package struct LedgerFailure: Error, CustomStringConvertible {
    package let path: String
    /// The system's error number.
    package let code: Int32

    package var description: String {
        "cannot write the ledger \(self.path): \(unsafe String(cString: strerror(self.code)))"
    }
}
