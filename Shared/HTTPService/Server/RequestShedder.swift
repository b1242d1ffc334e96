import Metrics
import NIOCore
import NIOHTTP1
import Shared

/// Answers on one connection what `Shedding` refuses, and passes on everything else.
///
/// It stands behind `RequestGuard`, which holds these answers to the same limits as all others. While the client does not take its
/// answers it refuses nothing: the application then waits for it before it reads on.
final class RequestShedder: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let shedding: Shedding
    /// Requests that the application has yet to answer: its answers come first.
    private var pending = 0
    /// Whether what arrives belongs to a request that was refused.
    private var isRefusing = false
    /// Whoever closes idle connections stands behind, and sees what is passed on: from time to time that is one.
    private var passedAt = NIODeadline.now()
    private let restlessTime: TimeAmount

    init(_ shedding: Shedding, idleTime: TimeAmount) {
        self.shedding = shedding
        self.restlessTime = .nanoseconds(idleTime.nanoseconds / 2)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = self.unwrapInboundIn(data)
        if case .head(let head) = part {
            self.isRefusing = self.mayRefuse(context) && self.shedding.refuses(head)
            guard !self.isRefusing else { return self.refuse(context) }
            self.pending += 1
            self.passedAt = .now()
        }
        if !self.isRefusing { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) { self.pending -= 1 }
        context.write(data, promise: promise)
    }

    private func mayRefuse(_ context: ChannelHandlerContext) -> Bool {
        self.pending == 0 && context.channel.isWritable && .now() - self.passedAt < self.restlessTime
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let (head, body) = Problem.unavailable.answer(allocator: context.channel.allocator)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        self.shedding.refused.increment()
    }
}
