import Shared
import Synchronization

/// Lets a few requests at a time do what takes much memory, and refuses the others: their clients come again.
package final class Permits: Sendable {
    private let limit: Int
    private let used = Mutex(0)

    package init(_ limit: Int) {
        self.limit = limit
    }

    /// - Throws: `Problem` `unavailable` (503, with Retry-After) while as many as may are at it; what `body` throws.
    package func within<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let isFree = self.used.withLock { used in
            guard used < self.limit else { return false }
            used += 1
            return true
        }
        guard isFree else { throw Problem.unavailable }
        defer { self.used.withLock { $0 -= 1 } }
        return try await body()
    }
}
