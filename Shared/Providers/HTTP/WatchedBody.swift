import Synchronization

/// Says whether the HTTP client has asked for the bytes of a request's body.
final class TakenFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { self.flag.load(ordering: .acquiring) }

    func set() { self.flag.store(true, ordering: .releasing) }
}

/// A request's body that notes when its bytes are read; its size may be asked for at any time.
struct WatchedBody: RandomAccessCollection, Sendable {
    let bytes: [UInt8]
    let taken: TakenFlag

    var startIndex: Int { 0 }
    var endIndex: Int { self.bytes.count }

    subscript(position: Int) -> UInt8 {
        self.taken.set()
        return self.bytes[position]
    }

    func withContiguousStorageIfAvailable<Result>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
    ) rethrows -> Result? {
        self.taken.set()
        return try unsafe self.bytes.withContiguousStorageIfAvailable(body)
    }
}
