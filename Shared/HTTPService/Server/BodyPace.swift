import NIOCore
import NIOHTTP1

/// How quickly the body of one request arrives.
struct BodyPace {
    /// As `Content-Length` says; nil for a chunked body.
    private let length: Int?
    /// Bytes of the body so far.
    var parsed = 0
    /// Bytes received since `windowStart`.
    var bytes = 0
    private var windowStart: NIODeadline

    init(_ head: HTTPRequestHead, at now: NIODeadline = .now()) {
        let isChunked = head.headers.contains(name: "transfer-encoding")
        self.length = isChunked ? nil : head.headers.first(name: "content-length").flatMap { Int($0) } ?? 0
        self.windowStart = now
    }

    /// Whether more than `limit` bytes are still to come, as far as one can know.
    func leaves(moreThan limit: Int) -> Bool {
        self.length.map { $0 - self.parsed > limit } ?? true
    }

    /// Measures once in each window; a window in which we did not read says nothing.
    mutating func isTooSlow(at now: NIODeadline, isWanted: Bool, _ limits: ConnectionLimits) -> Bool {
        guard isWanted else {
            (self.bytes, self.windowStart) = (0, now)
            return false
        }
        let elapsed = now - self.windowStart
        guard elapsed >= limits.bodyWindow else { return false }
        let wanted = Double(limits.bodyBytesPerSecond) * Double(elapsed.nanoseconds) / 1e9
        if Double(self.bytes) < wanted { return true }
        (self.bytes, self.windowStart) = (0, now)
        return false
    }
}
