package import Tracing

/// Where in a trace something happens: the header `traceparent` (https://www.w3.org/TR/trace-context/).
package struct TraceContext: Sendable, Hashable {
    /// Never zero.
    package let traceID: TraceID
    /// Of the span that all below it belong to; never zero.
    package let spanID: UInt64
    /// Whether the trace is recorded: who begins it decides for all.
    package let isSampled: Bool

    package init(traceID: TraceID, spanID: UInt64, isSampled: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
    }

    /// Reads version 00, or what a later version has in common with it; nil for everything else.
    package init?(traceParent text: String) {
        let bytes = Array(text.utf8)
        let hyphen = UInt8(ascii: "-")
        guard bytes.count >= 55, [2, 35, 52].allSatisfy({ bytes[$0] == hyphen }),
            let version = Self.number(bytes[0..<2]), version != 0xFF,
            bytes.count == 55 || (version > 0 && bytes[55] == hyphen),
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let span = Self.number(bytes[36..<52]), let flags = Self.number(bytes[53..<55]),
            high != 0 || low != 0, span != 0
        else { return nil }
        self.init(traceID: TraceID(high: high, low: low), spanID: span, isSampled: flags & 1 == 1)
    }

    /// As the header has it, of version 00.
    package var traceParent: String { "00-\(self.traceID)-\(self.spanID.hexadecimal)-\(self.isSampled ? "01" : "00")" }

    /// Lower-case digits only, as the standard wants them.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number = number << 4 | UInt64(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): number = number << 4 | UInt64(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

/// 16 bytes, as 32 hexadecimal digits.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package static func random() -> TraceID { TraceID(high: .random(in: 1 ... .max), low: .random(in: 0 ... .max)) }

    package var description: String { self.high.hexadecimal + self.low.hexadecimal }
}

extension UInt64 {
    /// 16 digits.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}

private enum TraceContextKey: InstrumentationContextKey {
    typealias Value = TraceContext
    static let nameOverride: String? = "traceparent"
}

extension InstrumentationContext {
    /// Nil outside every trace.
    package var trace: TraceContext? {
        get { self[TraceContextKey.self] }
        set { self[TraceContextKey.self] = newValue }
    }

    /// A context within the trace that `traceParent` names; within none when it names none.
    package init(traceParent: String?) {
        self = .topLevel
        self.trace = traceParent.flatMap(TraceContext.init(traceParent:))
    }
}
