import Synchronization

/// A text that a closure hands out.
final class Box: Sendable {
    private let content = Mutex("")

    var value: String { self.content.withLock { $0 } }
    func set(_ value: String) { self.content.withLock { $0 = value } }
}
