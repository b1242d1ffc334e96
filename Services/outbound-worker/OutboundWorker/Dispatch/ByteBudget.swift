import Synchronization

/// A number of bytes that tasks may hold together; who wants more than is left waits, the first first.
final class ByteBudget: Sendable {
    private struct State {
        var left: Int
        var waiting: [(bytes: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let total: Int
    private let state: Mutex<State>

    init(_ total: Int) {
        self.total = total
        self.state = Mutex(State(left: total))
    }

    /// Bytes that nobody holds.
    var left: Int { self.state.withLock { $0.left } }

    /// Tasks that wait for some.
    var waiting: Int { self.state.withLock { $0.waiting.count } }

    /// Runs `body` once `bytes` may be held; what is more than all is held as all.
    func holding<Result>(_ bytes: Int, _ body: () async throws -> Result) async rethrows -> Result {
        let bytes = min(bytes, self.total)
        await self.take(bytes)
        defer { self.give(bytes) }
        return try await body()
    }

    private func take(_ bytes: Int) async {
        await withCheckedContinuation { continuation in
            let isTaken = self.state.withLock { state in
                guard state.waiting.isEmpty, state.left >= bytes else {
                    state.waiting.append((bytes, continuation))
                    return false
                }
                state.left -= bytes
                return true
            }
            if isTaken { continuation.resume() }
        }
    }

    private func give(_ bytes: Int) {
        let woken = self.state.withLock { state in
            state.left += bytes
            var woken: [CheckedContinuation<Void, Never>] = []
            while let first = state.waiting.first, first.bytes <= state.left {
                state.left -= first.bytes
                woken.append(first.continuation)
                state.waiting.removeFirst()
            }
            return woken
        }
        for continuation in woken { continuation.resume() }
    }
}
