import NIOCore
import NIOHTTP1

/// Holds the requests of one connection to `ConnectionLimits`, and answers those that break them.
///
/// One timer for each connection, running only while something is under way.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What the client is sending.
    private enum Phase {
        case nothing
        case head(since: NIODeadline, bytes: Int)
        case body(BodyPace)
    }

    private let limits: ConnectionLimits
    private var context: ChannelHandlerContext?
    private var phase = Phase.nothing
    /// Requests whose answer is not complete.
    private var pending = 0
    private var answerHasBegun = false
    private var closesAfterAnswer = false
    /// Since when the client has not taken what we wrote.
    private var unreadSince: NIODeadline?
    /// Answers that we wrote to their end, and that the kernel has not taken whole.
    private var unsent = 0
    private var timer: Scheduled<Void>?
    /// Whether the application wants bytes; while it does not, the client is not slow.
    var isReading = false
    /// Nothing more is read or written: the client was told why, and the connection is closing.
    private(set) var hasRefused = false

    init(limits: ConnectionLimits) {
        self.limits = limits
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        context.fireChannelInactive()
    }

    // MARK: Requests

    func willParse(bytes: Int) {
        switch self.phase {
        case .nothing: self.phase = .head(since: .now(), bytes: bytes)
        case .head(let since, let earlier): self.phase = .head(since: since, bytes: earlier + bytes)
        case .body(var pace):
            pace.bytes += bytes
            self.phase = .body(pace)
        }
    }

    func didParse() {
        if case .head(_, let bytes) = self.phase, bytes > self.limits.headBytes { return self.refuse(.headTooLarge) }
        if case .nothing = self.phase { return }
        self.startTimer()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.hasRefused else { return }
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.pending += 1
            self.phase = .body(BodyPace(head))
            if head.uri.utf8.count > self.limits.targetBytes { return self.refuse(.targetTooLong) }
        case .body(let bytes):
            if case .body(var pace) = self.phase {
                pace.parsed += bytes.readableBytes
                self.phase = .body(pace)
            }
        case .end:
            self.phase = .nothing
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .headerOverflow? = error as? HTTPParserError {
            self.refuse(.headTooLarge)
        } else if error is HTTPParserError {
            self.refuse(.malformed)
        }
        context.fireErrorCaught(error)
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.hasRefused else {
            promise?.succeed()
            return
        }
        switch self.unwrapOutboundIn(data) {
        case .head(var head):
            self.answerHasBegun = true
            if case .body(let pace) = self.phase, self.pending == 1, pace.leaves(moreThan: self.limits.unreadBytes) {
                self.closesAfterAnswer = true
                head.headers.replaceOrAdd(name: "connection", value: "close")
            }
            context.write(self.wrapOutboundOut(.head(head)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            self.answerHasBegun = false
            self.pending -= 1
            self.writeEnd(data, promise: promise, context: context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        // Becoming writable is progress, but not yet the end of an answer.
        self.unreadSince = context.channel.isWritable && self.unsent == 0 ? nil : .now()
        if self.unreadSince != nil { self.startTimer() }
        context.fireChannelWritabilityChanged()
    }

    private func writeEnd(_ data: NIOAny, promise: EventLoopPromise<Void>?, context: ChannelHandlerContext) {
        let done = promise ?? context.eventLoop.makePromise()
        done.futureResult.assumeIsolated().whenComplete { _ in
            self.unsent -= 1
            if self.unsent == 0, self.context?.channel.isWritable == true { self.unreadSince = nil }
        }
        self.unsent += 1
        if self.unreadSince == nil { self.unreadSince = .now() }
        context.write(data, promise: done)
        self.startTimer()
        if self.closesAfterAnswer { self.lingerAndClose() }
    }

    // MARK: Refusals

    /// Answers the request that is being received, unless an answer is under way, and closes the connection.
    func refuse(_ refusal: Refusal) {
        guard !self.hasRefused, let context else { return }
        var earlier = self.pending
        if case .body = self.phase { earlier -= 1 }
        // Below zero: this one has had its answer, and is only read to its end.
        guard earlier == 0, !self.answerHasBegun else {
            self.hasRefused = true
            context.close(promise: nil)
            return
        }
        let (head, body) = refusal.answer(allocator: context.channel.allocator)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.write(self.wrapOutboundOut(.end(nil)), promise: nil)
        self.lingerAndClose()
    }

    private func lingerAndClose() {
        guard let context else { return }
        self.hasRefused = true
        self.timer?.cancel()
        context.flush()
        context.close(mode: .output, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: self.limits.lingerTime) {
            self.context?.close(promise: nil)
        }
        context.read()
        // Ends the reading of the body, where a handler still waits for more of it.
        context.fireErrorCaught(HTTPParserError.unknown)
    }

    // MARK: Time

    private func startTimer() {
        guard self.timer == nil, !self.hasRefused, let context else { return }
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(in: self.limits.pace) {
            self.timer = nil
            self.look(at: .now())
        }
    }

    private func look(at now: NIODeadline) {
        guard let context, !self.hasRefused else { return }
        if let unreadSince, now - unreadSince > self.limits.answerTime {
            self.hasRefused = true
            return context.close(promise: nil)
        }
        switch self.phase {
        case .nothing: break
        case .head(let since, _):
            if now - since >= self.limits.headTime { return self.refuse(.headTooSlow) }
        case .body(var pace):
            if pace.isTooSlow(at: now, isWanted: self.isReading, self.limits) { return self.refuse(.bodyTooSlow) }
            self.phase = .body(pace)
        }
        if case .nothing = self.phase, self.unreadSince == nil { return }
        self.startTimer()
    }
}
