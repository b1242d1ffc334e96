import Synchronization

/// How many bytes a server could send.
final class ByteCount: Sendable {
    private let bytes = Atomic(0)

    var count: Int { self.bytes.load(ordering: .relaxed) }

    func add(_ count: Int) { self.bytes.add(count, ordering: .relaxed) }
}
