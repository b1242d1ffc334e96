import NIOCore
import NIOHTTP1

/// Puts the guards of a connection where they belong, and catches what goes wrong between them and the application.
///
/// Hummingbird adds it behind its decoder; it adds `ByteGuard` in front of all, and `RequestGuard` and `RequestShedder` behind NIO's
/// parser.
final class ConnectionGuard: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let limits: ConnectionLimits
    private let shedding: Shedding?
    private var request: RequestGuard?

    init(limits: ConnectionLimits, shedding: Shedding?) {
        self.limits = limits
        self.shedding = shedding
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let request = RequestGuard(limits: self.limits)
        self.request = request
        do {
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(request, position: .after(decoder))
            if let shedding {
                let shedder = RequestShedder(shedding, idleTime: self.limits.idleTime)
                try pipeline.addHandler(shedder, position: .after(request))
            }
            try pipeline.addHandler(ByteGuard(request: request), position: .first)
        } catch {
            // A connection without its guards is not served.
            context.close(promise: nil)
        }
    }

    /// Heads that NIO's parser takes, but that are no valid fields: a request must not vanish without an answer.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !(error is HTTPParserError), let request else { return context.fireErrorCaught(error) }
        request.refuse(.malformed)
        context.fireErrorCaught(HTTPParserError.unknown)
    }
}

/// Sees every byte before it is parsed.
final class ByteGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: RequestGuard

    init(request: RequestGuard) {
        self.request = request
    }

    /// Closes a connection that was accepted while the server stopped listening.
    ///
    /// Nobody takes it any more; once active, NIO would end the whole process for a writer that was never used.
    func channelActive(context: ChannelHandlerContext) {
        guard context.channel.parent?.isActive ?? true else { return context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // What a refused client goes on sending is thrown away.
        guard !self.request.hasRefused else { return }
        self.request.willParse(bytes: self.unwrapInboundIn(data).readableBytes)
        context.fireChannelRead(data)
        self.request.didParse()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.request.isReading = false
        context.fireChannelReadComplete()
        if self.request.hasRefused { context.read() }
    }

    func read(context: ChannelHandlerContext) {
        self.request.isReading = true
        context.read()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if self.request.hasRefused, case ChannelEvent.inputClosed = event { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
