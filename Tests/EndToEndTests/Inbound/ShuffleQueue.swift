import Synchronization

/// Requests that several tasks take in turn.
final class ShuffleQueue: Sendable {
    private let rest: Mutex<ArraySlice<ShuffleRequest>>

    init(_ requests: [ShuffleRequest]) { self.rest = Mutex(requests[...]) }

    func next() -> ShuffleRequest? { self.rest.withLock { $0.popFirst() } }
}
