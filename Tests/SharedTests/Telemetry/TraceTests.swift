import Shared
import Telemetry
import Testing
import Tracing

@Suite struct TraceContextTests {
    private static let traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let spanID = "00f067aa0ba902b7"

    @Test(arguments: [("01", true), ("00", false), ("03", true), ("fe", false)])
    func theHeaderIsReadAndWritten(flags: String, isSampled: Bool) throws {
        let context = try #require(TraceContext(traceParent: "00-\(Self.traceID)-\(Self.spanID)-\(flags)"))
        #expect(context.isSampled == isSampled)
        #expect(context.traceParent == "00-\(Self.traceID)-\(Self.spanID)-\(isSampled ? "01" : "00")")
    }

    /// See "Versioning of traceparent" in the standard.
    @Test func aLaterVersionIsReadAsFarAsItIsKnown() {
        #expect(TraceContext(traceParent: "cc-\(Self.traceID)-\(Self.spanID)-01-what-will-come") != nil)
        #expect(TraceContext(traceParent: "cc-\(Self.traceID)-\(Self.spanID)-01") != nil)
    }

    @Test(arguments: [
        "", "00", "00-\(traceID)-\(spanID)", "00-\(traceID)-\(spanID)-1", "00-\(traceID)-\(spanID)-01-more",
        "ff-\(traceID)-\(spanID)-01", "00-\(traceID.uppercased())-\(spanID)-01", "00_\(traceID)-\(spanID)-01",
        "00-00000000000000000000000000000000-\(spanID)-01", "00-\(traceID)-0000000000000000-01",
        "00-\(traceID)-\(spanID)-0x", "cc-\(traceID)-\(spanID)-01.more", "00-ä\(traceID.dropFirst(2))-\(spanID)-01",
    ])
    func everythingElseIsNone(header: String) {
        #expect(TraceContext(traceParent: header) == nil)
    }
}

@Suite struct SpanTracerTests {
    private struct Failure: Error {}

    @Test func aSpanBelongsToTheTraceOfItsContext() {
        let queue = SpanQueue()
        withTracer(SpanTracer(queue: queue)) {
            withSpan("outer", ofKind: .server) { outer in
                outer.attributes["a"] = 1
                withSpan("inner") { _ in }
            }
        }
        let spans = queue.take(atMost: 10)
        #expect(spans.map(\.name) == ["inner", "outer"])
        #expect(spans[0].trace.traceID == spans[1].trace.traceID)
        #expect(spans[0].parentID == spans[1].trace.spanID)
        #expect(spans[1].parentID == nil)
        #expect(spans[0].startedAt >= spans[1].startedAt && spans[0].endedAt <= spans[1].endedAt)
    }

    @Test func ofATraceThatIsNotRecordedNothingIsKept() {
        let queue = SpanQueue()
        var traceParent: String?
        withTracer(SpanTracer(queue: queue, ratio: 0)) {
            withSpan("a") { span in
                #expect(!span.isRecording)
                traceParent = span.context.trace?.traceParent
            }
            // Who began it elsewhere has decided for us.
            Traces.note(
                "b",
                within: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                from: .now,
                to: .now,
                [:]
            )
        }
        #expect(traceParent?.hasSuffix("-00") == true)
        #expect(queue.take(atMost: 10).map(\.name) == ["b"])
    }

    /// What an error says may name an address.
    @Test func ofAnErrorOnlyItsTypeIsKept() {
        let queue = SpanQueue()
        withTracer(SpanTracer(queue: queue)) {
            _ = try? withSpan("a") { _ in throw Failure() }
        }
        let span = queue.take(atMost: 1).first
        #expect(span?.events.map(\.attributes) == [["exception.type": "Failure"]])
        #expect(span?.status?.code == .error)
    }

    @Test func aFullQueueDropsWhatComes() {
        let queue = SpanQueue(limit: 3)
        withTracer(SpanTracer(queue: queue)) { for number in 0..<10 { withSpan("\(number)") { _ in } } }
        #expect(queue.count == 3)
        #expect(queue.take(atMost: 2).map(\.name) == ["0", "1"])
        #expect(queue.take(atMost: 2).map(\.name) == ["2"])
    }

    @Test func withoutATracerNothingIsMade() {
        #expect(!Traces.isOn)
        #expect(Traces.begin("a", [:]) == nil)
    }
}
