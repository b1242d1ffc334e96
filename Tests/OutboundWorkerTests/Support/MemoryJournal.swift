import Synchronization

@testable import OutboundWorker

/// A journal's storage on a disk of any size, which a test can read, fill and clear.
final class MemoryJournal: JournalStorage {
    struct Full: Error {}

    private struct State {
        var bytes: [UInt8] = []
        var capacity = Int.max
        var takesReplacements = true
        var replacements = 0
    }

    private let state = Mutex(State())

    var bytes: [UInt8] { self.state.withLock { $0.bytes } }
    var replacements: Int { self.state.withLock { $0.replacements } }

    /// Leaves room for so many bytes in all; what is there stays.
    func limit(to capacity: Int) {
        self.state.withLock { $0.capacity = capacity }
    }

    /// As when the old file and a new one do not fit beside each other.
    func refuseReplacements() {
        self.state.withLock { $0.takesReplacements = false }
    }

    func append(_ bytes: [UInt8]) throws {
        try self.state.withLock { state in
            let room = max(state.capacity - state.bytes.count, 0)
            state.bytes += bytes.prefix(room)
            if bytes.count > room { throw Full() }
        }
    }

    func replace(with bytes: [UInt8]) throws {
        try self.state.withLock { state in
            guard state.takesReplacements, bytes.count <= state.capacity else { throw Full() }
            state.bytes = bytes
            state.replacements += 1
        }
    }
}

extension JournalOwner {
    static let test = JournalOwner(worker: "test-1", bootID: "11acd288-333d-4900-93b4-5f2993c3a3c0")
}

extension MemoryJournal {
    /// What the next life would find.
    var replay: JournalReplay { JournalReplay(of: self.bytes, owner: .test) }
}
