import OutboundWorker
import Synchronization

@testable import OutboundWorker

/// The journal's file: it outlives the process, which may die while it writes, and the disk may be full.
final class MemoryStorage: JournalStorage {
    struct Failure: Error {}

    private struct State {
        var bytes: [UInt8] = []
        var isWritable = true
        /// What of the next bytes still gets there; nil for all.
        var left: Int?
    }

    private let state = Mutex(State())

    var bytes: [UInt8] { self.state.withLock { $0.bytes } }

    func append(_ bytes: [UInt8]) throws {
        try self.state.withLock { state in
            guard let left = state.left, left < bytes.count else {
                guard state.isWritable else { throw Failure() }
                state.bytes += bytes
                return
            }
            state.bytes += bytes.prefix(left)
            state.isWritable = false
            state.left = nil
            throw Failure()
        }
    }

    func replace(with bytes: [UInt8]) throws {
        try self.state.withLock { state in
            guard state.isWritable else { throw Failure() }
            state.bytes = bytes
        }
    }

    /// Takes so many bytes more, and then nothing until it is mended: the process dies, or the disk is full.
    func end(after bytes: Int) {
        self.state.withLock { $0.left = bytes }
    }

    /// Takes nothing until it is mended.
    func fill() {
        self.state.withLock { $0.isWritable = false }
    }

    func mend() {
        self.state.withLock { state in
            state.isWritable = true
            state.left = nil
        }
    }

    /// What was in it is gone.
    func lose() {
        self.state.withLock { $0.bytes = [] }
    }
}
