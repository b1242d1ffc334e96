package import Tracing

/// Makes the spans of this process, and hands those that are recorded to `SpanQueue` when they end.
///
/// A span belongs to the trace of its context. Without one it begins a trace, of which `ratio` are recorded.
package struct SpanTracer: Tracer {
    package typealias Span = RecordedSpan

    private static let header = "traceparent"

    let queue: SpanQueue
    let ratio: Double

    /// - Parameters:
    ///   - queue: where spans wait for their export.
    ///   - ratio: of the traces that begin here; those that began elsewhere are recorded if their beginning was.
    package init(queue: SpanQueue, ratio: Double = 1) {
        self.queue = queue
        self.ratio = ratio
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String,
        context: @autoclosure () -> InstrumentationContext,
        ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant,
        function: String,
        file fileID: String,
        line: UInt
    ) -> RecordedSpan {
        var context = context()
        let parent = context.trace
        let trace = TraceContext(
            traceID: parent?.traceID ?? .random(),
            spanID: .random(in: 1 ... .max),
            isSampled: parent?.isSampled ?? (Double.random(in: 0..<1) < self.ratio)
        )
        context.trace = trace
        return RecordedSpan(
            operationName,
            context: context,
            trace: trace,
            parentID: parent?.spanID,
            kind: kind,
            startedAt: instant().nanosecondsSinceEpoch,
            queue: trace.isSampled ? self.queue : nil
        )
    }

    /// The exporter does it, in its own time.
    package func forceFlush() {}

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier,
        into context: inout InstrumentationContext,
        using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: Self.header, from: carrier) else { return }
        context.trace = TraceContext(traceParent: text)
    }

    package func inject<Carrier, Inject: Injector>(
        _ context: InstrumentationContext,
        into carrier: inout Carrier,
        using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let trace = context.trace else { return }
        injector.inject(trace.traceParent, forKey: Self.header, into: &carrier)
    }
}
