package import NIOCore
import Shared

/// What one connection may take of us.
package struct ConnectionLimits: Sendable {
    /// From the first byte of a request to the end of its headers.
    ///
    /// Half a second below the promised 5 s, for the pace at which it is looked at.
    package var headTime: TimeAmount = .milliseconds(4500)
    /// Bytes of request line and headers.
    package var headBytes = Limits.headerBytes
    package var headerFields = 100
    /// Bytes of the request target: longer than any filter we have.
    package var targetBytes = 8 * 1024
    /// The slowest body that is still read: below it a client holds a connection rather than sends something.
    package var bodyBytesPerSecond = 1024
    /// Over how long the body's pace is measured; a slow body is cut off after twice this time at the latest.
    package var bodyWindow: TimeAmount = .milliseconds(4500)
    /// How long an answer may wait for a client that does not read.
    package var answerTime: TimeAmount = .seconds(25)
    /// How long a connection may stay open between requests; longer than our own clients keep one.
    package var idleTime: TimeAmount = .seconds(60)
    /// Of an unread body, this much is read and thrown away to keep the connection; with more it is closed.
    package var unreadBytes = 64 * 1024
    /// How long a refused client may take to read why: data that meets a closed socket would destroy the answer.
    package var lingerTime: TimeAmount = .milliseconds(500)

    package init() {}

    /// How often a connection that is busy is looked at: 500 ms, or finer where a test sets shorter limits.
    var pace: TimeAmount {
        let shortest = min(self.headTime, self.bodyWindow, self.answerTime)
        return max(.milliseconds(10), min(.milliseconds(500), .nanoseconds(shortest.nanoseconds / 10)))
    }
}
