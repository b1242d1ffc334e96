import Synchronization

/// What many tasks gather.
final class Collected<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    func add(_ element: Element) { self.list.withLock { $0.append(element) } }

    var elements: [Element] { self.list.withLock { $0 } }
    var count: Int { self.list.withLock { $0.count } }
}
