import Metrics
import Synchronization

/// Ended spans that wait for their export, at most `limit`: what is more is dropped, and counted; nobody waits.
package final class SpanQueue: Sendable {
    /// Some seconds of a busy service, and a few MB.
    package static let limit = 8192

    private let limit: Int
    private let spans = Mutex<[EndedSpan]>([])
    private let dropped = Counter(label: "herald_trace_spans_total", dimensions: [("outcome", "dropped")])

    package init(limit: Int = SpanQueue.limit) {
        self.limit = limit
    }

    func add(_ span: EndedSpan) {
        let isTaken = self.spans.withLock { spans in
            guard spans.count < self.limit else { return false }
            spans.append(span)
            return true
        }
        if !isTaken { self.dropped.increment() }
    }

    package var count: Int { self.spans.withLock { $0.count } }

    /// The oldest spans, which are no longer in the queue then.
    package func take(atMost count: Int) -> [EndedSpan] {
        self.spans.withLock { spans in
            let taken = Array(spans.prefix(count))
            spans.removeFirst(taken.count)
            return taken
        }
    }
}
