import Synchronization

/// What many tasks gather.
package final class Collected<Element: Sendable>: Sendable {
    private let list = Mutex<[Element]>([])

    package init() {}

    package func add(_ element: Element) { self.list.withLock { $0.append(element) } }

    package var elements: [Element] { self.list.withLock { $0 } }
    package var count: Int { self.list.withLock { $0.count } }
}
