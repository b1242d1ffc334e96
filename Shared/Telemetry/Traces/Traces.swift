package import Shared
package import Tracing

/// Spans of what has happened already, outside a request: in batches, each message has a trace of its own.
package enum Traces {
    /// Whether spans are made at all: what only makes spans is left out otherwise.
    package static var isOn: Bool { InstrumentationSystem.tracer is SpanTracer }

    /// Adds a span that is over to the trace that `traceParent` names; nothing where traces are off or it names none.
    ///
    /// - Parameters:
    ///   - name: of the span; the same for all of its kind.
    ///   - traceParent: its parent.
    ///   - start: when it began.
    ///   - end: when it ended.
    ///   - attributes: ids and words, never a content or an address.
    ///   - kind: of the span.
    package static func note(
        _ name: String,
        within traceParent: String?,
        from start: Timestamp,
        to end: Timestamp,
        _ attributes: @autoclosure () -> SpanAttributes,
        kind: SpanKind = .internal
    ) {
        let context = InstrumentationContext(traceParent: traceParent)
        guard context.trace != nil, let tracer = InstrumentationSystem.tracer as? SpanTracer else { return }
        let span = tracer.startSpan(name, context: context, ofKind: kind, at: start.instant)
        span.attributes = attributes()
        span.end(at: end.instant)
    }

    /// Begins a trace with a span that is over at once, for what belongs to no request.
    ///
    /// - Returns: the parent of all that follows from it; nil where traces are off.
    package static func begin(_ name: String, _ attributes: @autoclosure () -> SpanAttributes) -> String? {
        guard let tracer = InstrumentationSystem.tracer as? SpanTracer else { return nil }
        let span = tracer.startSpan(name, context: .topLevel, ofKind: .internal)
        span.attributes = attributes()
        span.end()
        return span.context.trace?.traceParent
    }
}

extension Timestamp {
    fileprivate var instant: DefaultTracerClock.Timestamp {
        .init(nanosecondsSinceEpoch: UInt64(clamping: self.microseconds) &* 1000)
    }
}
