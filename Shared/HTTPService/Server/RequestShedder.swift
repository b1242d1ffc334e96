import Metrics
import NIOCore
import NIOHTTP1
import Shared

/// Answers on one connection what `Shedding` refuses, and passes on everything else.
///
/// It stands behind `RequestGuard`, which holds these answers to the same limits as all others.
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

    init(_ shedding: Shedding) {
        self.shedding = shedding
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = self.unwrapInboundIn(data)
        if case .head(let head) = part {
            self.isRefusing = self.pending == 0 && self.shedding.refuses(head)
            guard !self.isRefusing else { return self.refuse(context) }
            self.pending += 1
        }
        if !self.isRefusing { context.fireChannelRead(data) }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = self.unwrapOutboundIn(data) { self.pending -= 1 }
        context.write(data, promise: promise)
    }

    private func refuse(_ context: ChannelHandlerContext) {
        let (head, body) = Problem.unavailable.answer(allocator: context.channel.allocator)
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        self.shedding.refused.increment()
    }
}
