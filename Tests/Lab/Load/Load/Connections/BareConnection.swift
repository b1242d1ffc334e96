import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import NIOPosix

/// A connection over which one request after the other is sent.
final class BareConnection: Sendable {
    struct Closed: Error, CustomStringConvertible {
        var description: String { "the connection was closed" }
    }

    private let channel: any Channel
    private let handler: NIOLoopBound<Handler>

    var isOpen: Bool { self.channel.isActive }

    private init(_ channel: any Channel, _ handler: NIOLoopBound<Handler>) {
        self.channel = channel
        self.handler = handler
    }

    /// Opens a connection that closes when for `timeout` nothing was sent and nothing came.
    static func open(_ host: String, _ port: Int, timeout: TimeAmount) async throws -> BareConnection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(5))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    let handler = Handler()
                    try pipeline.addHandler(IdleStateHandler(allTimeout: timeout))
                    try pipeline.addHTTPClientHandlers()
                    try pipeline.addHandler(handler)
                    return BareConnection(channel, NIOLoopBound(handler, eventLoop: channel.eventLoop))
                }
            }
    }

    /// - Throws: `Closed`, or why the connection ended.
    func send(_ head: HTTPRequestHead, _ body: ByteBuffer) async throws -> LoadAnswer {
        try await withCheckedThrowingContinuation { continuation in
            self.channel.eventLoop.execute { self.handler.value.send(head, body, continuation) }
        }
    }
}

extension BareConnection {
    /// Of one request at a time.
    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPClientResponsePart
        typealias OutboundOut = HTTPClientRequestPart

        private var context: ChannelHandlerContext?
        private var waiting: CheckedContinuation<LoadAnswer, any Error>?
        private var head: HTTPResponseHead?
        private var body = Data()
        /// Why the connection is closed.
        private var failure: (any Error)?

        func handlerAdded(context: ChannelHandlerContext) { self.context = context }

        func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

        func send(_ head: HTTPRequestHead, _ body: ByteBuffer, _ waiting: CheckedContinuation<LoadAnswer, any Error>) {
            guard let context, context.channel.isActive else { return waiting.resume(throwing: Closed()) }
            self.waiting = waiting
            context.write(self.wrapOutboundOut(.head(head)), promise: nil)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch self.unwrapInboundIn(data) {
            case .head(let head): (self.head, self.body) = (head, Data())
            case .body(let part): self.body.append(contentsOf: part.readableBytesView)
            case .end: self.end(context)
            }
        }

        func channelInactive(context: ChannelHandlerContext) {
            self.fail(self.failure ?? Closed())
            context.fireChannelInactive()
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // Told once nobody takes the connection for open any more.
            self.failure = error
            context.close(promise: nil)
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard event is IdleStateHandler.IdleStateEvent else { return context.fireUserInboundEventTriggered(event) }
            context.close(promise: nil)
        }

        private func end(_ context: ChannelHandlerContext) {
            guard let head, let waiting else { return context.close(promise: nil) }
            (self.head, self.waiting) = (nil, nil)
            if !head.isKeepAlive { context.close(promise: nil) }
            waiting.resume(
                returning: LoadAnswer(
                    status: Int(head.status.code),
                    body: self.body,
                    retryAfter: head.headers.first(name: "retry-after")
                )
            )
        }

        private func fail(_ error: any Error) {
            self.waiting?.resume(throwing: error)
            self.waiting = nil
        }
    }
}
