import Synchronization
package import Tracing

/// Something that takes time in one process; what is known of it at its end goes to the queue.
package final class RecordedSpan: Tracing.Span {
    private struct State {
        var name: String
        var attributes: SpanAttributes = [:]
        var status: SpanStatus?
        var events: [SpanEvent] = []
        var links: [TraceContext] = []
        var hasEnded = false
    }

    /// Events and links of one span; more are left out.
    private static let mostDetails = 32

    package let context: InstrumentationContext
    private let trace: TraceContext
    private let parentID: UInt64?
    private let kind: SpanKind
    private let startedAt: UInt64
    /// Nil when the trace is not recorded.
    private let queue: SpanQueue?
    private let state: Mutex<State>

    init(
        _ name: String,
        context: InstrumentationContext,
        trace: TraceContext,
        parentID: UInt64?,
        kind: SpanKind,
        startedAt: UInt64,
        queue: SpanQueue?
    ) {
        self.context = context
        self.trace = trace
        self.parentID = parentID
        self.kind = kind
        self.startedAt = startedAt
        self.queue = queue
        self.state = Mutex(State(name: name))
    }

    package var isRecording: Bool { self.queue != nil && self.state.withLock { !$0.hasEnded } }

    package var operationName: String {
        get { self.state.withLock { $0.name } }
        set { self.state.withLock { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { self.state.withLock { $0.attributes } }
        set { if self.queue != nil { self.state.withLock { $0.attributes = newValue } } }
    }

    package func setStatus(_ status: SpanStatus) { self.state.withLock { $0.status = status } }

    package func addEvent(_ event: SpanEvent) {
        self.state.withLock { if $0.events.count < Self.mostDetails { $0.events.append(event) } }
    }

    package func addLink(_ link: SpanLink) {
        guard let trace = link.context.trace else { return }
        self.state.withLock { if $0.links.count < Self.mostDetails { $0.links.append(trace) } }
    }

    /// Notes the error's type alone: what it says may name an address.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error,
        attributes: SpanAttributes,
        at instant: @autoclosure () -> Instant
    ) {
        self.addEvent(
            SpanEvent(name: "exception", at: instant(), attributes: ["exception.type": .string("\(type(of: error))")])
        )
    }

    /// The first end counts.
    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        guard let queue else { return }
        let state = self.state.withLock { state -> State? in
            guard !state.hasEnded else { return nil }
            state.hasEnded = true
            return state
        }
        guard let state else { return }
        queue.add(
            EndedSpan(
                name: state.name,
                trace: self.trace,
                parentID: self.parentID,
                kind: self.kind,
                startedAt: self.startedAt,
                endedAt: max(instant().nanosecondsSinceEpoch, self.startedAt),
                attributes: state.attributes,
                status: state.status,
                events: state.events,
                links: state.links
            )
        )
    }
}

/// A span that is over.
package struct EndedSpan: Sendable {
    package let name: String
    package let trace: TraceContext
    package let parentID: UInt64?
    package let kind: SpanKind
    /// Nanoseconds since 1970, as `endedAt`.
    package let startedAt: UInt64
    package let endedAt: UInt64
    package let attributes: SpanAttributes
    package let status: SpanStatus?
    package let events: [SpanEvent]
    package let links: [TraceContext]
}
