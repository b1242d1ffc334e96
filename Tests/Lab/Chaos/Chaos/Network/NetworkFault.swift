import NIOCore

/// What a proxy does to what passes it.
enum NetworkFault: Sendable, Hashable, CustomStringConvertible {
    /// Nothing passes and nobody is told, as in a partition; what was held passes afterwards.
    case hold
    case delay(milliseconds: Int64)
    /// Each connection ends after so many bytes in either direction.
    case cut(afterBytes: Int)
    /// Connections are reset, old and new ones.
    case reset
    /// A `COMMIT` passes, and the connection ends before its answer does.
    case cutAfterCommit

    var delay: TimeAmount {
        if case .delay(let milliseconds) = self { .milliseconds(milliseconds) } else { .zero }
    }

    var description: String {
        switch self {
        case .hold: "hold"
        case .delay(let milliseconds): "delay \(milliseconds) ms"
        case .cut(let bytes): "cut after \(bytes) B"
        case .reset: "reset"
        case .cutAfterCommit: "cut after COMMIT"
        }
    }
}
