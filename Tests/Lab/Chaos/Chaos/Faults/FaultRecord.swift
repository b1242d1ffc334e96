import FaultPoints
import Synchronization

/// What was done in the end, and how long it took to come back.
final class FaultRecord: Sendable {
    private struct State {
        var counts: [String: Int] = [:]
        var hits: [FaultPoint: Int] = [:]
        var recoveries: [Double] = []
        var failures: [String] = []
    }

    private let state = Mutex(State())

    func did(_ kind: String) { self.state.withLock { $0.counts[kind, default: 0] += 1 } }
    func hit(_ point: FaultPoint) { self.state.withLock { $0.hits[point, default: 0] += 1 } }
    func recovered(after milliseconds: Double) { self.state.withLock { $0.recoveries.append(milliseconds) } }
    /// A fault that could not be played, and why.
    func failed(_ sentence: String) { self.state.withLock { $0.failures.append(sentence) } }

    var counts: [String: Int] { self.state.withLock { $0.counts } }
    var hits: [FaultPoint: Int] { self.state.withLock { $0.hits } }
    var recoveries: [Double] { self.state.withLock { $0.recoveries } }
    var failures: [String] { self.state.withLock { $0.failures } }
    /// Processes that were ended by SIGKILL, Postgres among them.
    var kills: Int {
        self.state.withLock { state in
            state.counts.filter { $0.key.hasPrefix("kill ") }.values.reduce(0, +) + state.hits.values.reduce(0, +)
        }
    }
}
