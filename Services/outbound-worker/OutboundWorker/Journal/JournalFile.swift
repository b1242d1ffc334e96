import Foundation
import Synchronization

/// A journal in a file of its own, for its user alone.
///
/// Nothing waits for the disk: the kernel keeps what was written when the process dies, and the header tells when it was the
/// machine that stopped.
final class JournalFile: JournalStorage {
    private let path: String
    private let descriptor = Mutex<Int32?>(nil)

    init(path: String) {
        self.path = path
    }

    deinit {
        self.descriptor.withLock { descriptor in
            if let descriptor { _ = close(descriptor) }
        }
    }

    /// What is in it; nothing when it is not there or can not be read.
    func bytes() -> [UInt8] {
        FileManager.default.contents(atPath: self.path).map(Array.init) ?? []
    }

    /// With one `write`, unless the kernel takes it in parts.
    func append(_ bytes: [UInt8]) throws {
        try self.descriptor.withLock { descriptor in
            guard let descriptor else { throw JournalFileFailure(call: "write", code: EBADF) }
            try Self.write(bytes, to: descriptor)
        }
    }

    /// Writes a new file beside the old one, and gives it its name.
    func replace(with bytes: [UInt8]) throws {
        let path = "\(self.path).new"
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC
        let new = unsafe open(path, flags, 0o600)
        guard new >= 0 else { throw JournalFileFailure(call: "open", code: errno) }
        do {
            try Self.write(bytes, to: new)
            guard unsafe rename(path, self.path) == 0 else { throw JournalFileFailure(call: "rename", code: errno) }
        } catch {
            close(new)
            unsafe unlink(path)
            throw error
        }
        self.descriptor.withLock { descriptor in
            if let descriptor { _ = close(descriptor) }
            descriptor = new
        }
    }

    static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if count == 0 || errno != EINTR {
                // A file that takes nothing, and says no reason, has no room.
                throw JournalFileFailure(call: "write", code: count == 0 ? ENOSPC : errno)
            }
        }
    }
}

/// A call of the operating system that failed.
struct JournalFileFailure: Error, Equatable, CustomStringConvertible {
    let call: String
    /// As `errno` has it.
    let code: Int32

    var description: String { unsafe "\(self.call): \(String(cString: strerror(self.code)))" }
}
