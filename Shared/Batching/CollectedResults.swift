import Synchronization

/// Results that come one by one, and are told together.
final class CollectedResults<Output: Sendable>: Sendable {
    private typealias Results = [Result<Output, any Error>?]

    private let results: Mutex<(all: Results, missing: Int)>
    private let end: @Sendable ([Result<Output, any Error>]) -> Void

    /// - Parameters:
    ///   - count: how many there are to be.
    ///   - end: is told all of them, once.
    init(_ count: Int, end: @escaping @Sendable ([Result<Output, any Error>]) -> Void) {
        self.results = Mutex((Array(repeating: nil, count: count), count))
        self.end = end
    }

    /// Takes one; each is to come once.
    func set(_ result: Result<Output, any Error>, at place: Int) {
        let all: Results? = self.results.withLock { results in
            results.all[place] = result
            results.missing -= 1
            return results.missing == 0 ? results.all : nil
        }
        if let all { self.end(all.compactMap(\.self)) }
    }
}
