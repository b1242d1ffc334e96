import Synchronization

/// Lets one look at a time through: those that come meanwhile are made up for by the next regular one.
final class LookGate: Sendable {
    private let isTaken = Atomic<Bool>(false)

    /// Does `look` unless another is on its way.
    func callAsFunction(_ look: () async throws -> Void) async rethrows {
        guard self.isTaken.compareExchange(expected: false, desired: true, ordering: .acquiringAndReleasing).exchanged
        else {
            return
        }
        defer { self.isTaken.store(false, ordering: .releasing) }
        try await look()
    }
}
