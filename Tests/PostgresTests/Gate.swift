import Synchronization

/// Counts who is inside at once.
final class Users: Sendable {
    private let counts = Mutex((now: 0, most: 0))

    var mostAtOnce: Int { self.counts.withLock(\.most) }

    func enter() {
        self.counts.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
    }

    func leave() {
        self.counts.withLock { $0.now -= 1 }
    }
}

/// Opened once, waited for once.
struct Gate: Sendable {
    private let stream = AsyncStream.makeStream(of: Void.self)

    func open() {
        self.stream.continuation.yield()
    }

    func passed() async {
        _ = await self.stream.stream.first { _ in true }
    }
}
