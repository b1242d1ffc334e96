import Foundation
import Shared

/// A folder that belongs to this process for as long as it lives, like `slot-1`.
///
/// Workers of one host share a state directory, each takes the first slot that no other holds. The lock is the kernel's, and
/// ends with the process however it dies; so the next worker gets the same slot, and what the last one left in it.
final class WorkerSlot: Sendable {
    /// Counted from 1.
    let number: Int
    let path: String
    private let lock: Int32

    /// Takes the first free slot; the directory is made, for this user only, when it is missing.
    ///
    /// - Parameters:
    ///   - directory: common to the workers of this host.
    ///   - maximum: more workers than 1,000 on one host are a mistake.
    /// - Throws: `ConfigFailure` when no slot is free, and when the directory is not to be written in.
    init(in directory: String, maximum: Int = 1000) throws(ConfigFailure) {
        for number in 1...maximum {
            let path = Self.path(of: number, in: directory)
            guard let lock = try Self.lock(path) else { continue }
            self.number = number
            self.path = path
            self.lock = lock
            return
        }
        throw ConfigFailure(
            key: "WORKER_STATE_DIR",
            reason: "must be another directory: all \(maximum) slots of \(directory) are held by running workers"
        )
    }

    /// Takes one slot; nil when another process holds it.
    ///
    /// - Throws: `ConfigFailure` when the directory is not to be written in.
    init?(_ number: Int, in directory: String) throws(ConfigFailure) {
        let path = Self.path(of: number, in: directory)
        guard let lock = try Self.lock(path) else { return nil }
        self.number = number
        self.path = path
        self.lock = lock
    }

    /// Those that were ever taken, in their order.
    static func numbers(in directory: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.compactMap { name in
            Int(name.trimmingPrefix("slot-")).flatMap { name == "slot-\($0)" && $0 > 0 ? $0 : nil }
        }
        .sorted()
    }

    deinit {
        close(self.lock)
    }

    /// Gives the slot to the next who starts, which `deinit` may do some time after the last use.
    func release() {
        flock(self.lock, LOCK_UN)
    }

    /// The time in microseconds, or one more than the start before this one had: where a clock that was ahead is right again, who
    /// starts now must still be known for the later one.
    ///
    /// - Throws: `ConfigFailure` when it can not be noted in the slot's lock file.
    func takeIncarnation(at now: Timestamp) throws(ConfigFailure) -> Int64 {
        let file = FileHandle(fileDescriptor: self.lock, closeOnDealloc: false)
        do {
            try file.seek(toOffset: 0)
            let text = String(decoding: try file.read(upToCount: 32) ?? Data(), as: UTF8.self)
            let incarnation = max(now.microseconds, (Int64(text) ?? .min).addingReportingOverflow(1).partialValue)
            try file.truncate(atOffset: 0)
            try file.write(contentsOf: Data("\(incarnation)".utf8))
            return incarnation
        } catch {
            let reason = "must be writable: \(self.path)/lock can not be written"
            throw ConfigFailure(key: "WORKER_STATE_DIR", reason: reason)
        }
    }

    private static func path(of number: Int, in directory: String) -> String { "\(directory)/slot-\(number)" }

    /// Nil when another process holds the slot.
    private static func lock(_ path: String) throws(ConfigFailure) -> Int32? {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw ConfigFailure(key: "WORKER_STATE_DIR", reason: "must be writable: \(path) can not be made")
        }
        // Closed at exec, so that no child process keeps the slot.
        let descriptor = unsafe open("\(path)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw ConfigFailure(key: "WORKER_STATE_DIR", reason: "must be writable: \(path)/lock can not be opened")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }
}
