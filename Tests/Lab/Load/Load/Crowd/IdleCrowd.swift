import NIOCore
import NIOHTTP1
import NIOPosix

/// Connections on each of which one request was answered, and which then say nothing.
struct IdleCrowd: Sendable {
    private let channels: [any Channel]

    /// Opens them some at a time, as the server takes them.
    ///
    /// - Throws: `LoadFailure` where one is refused, or not answered.
    static func gather(_ count: Int, host: String, port: Int) async throws -> Self {
        var channels: [any Channel] = []
        do {
            while channels.count < count {
                let group = min(50, count - channels.count)
                channels += try await withThrowingTaskGroup(of: (any Channel).self) { tasks in
                    for _ in 0..<group { tasks.addTask { try await Self.open(host: host, port: port) } }
                    return try await tasks.reduce(into: []) { $0.append($1) }
                }
            }
        } catch {
            await Self(channels: channels).leave()
            throw LoadFailure("Of \(count) connections \(channels.count) were taken and the next was not: \(error).")
        }
        return Self(channels: channels)
    }

    /// How many the server has not closed.
    var present: Int { self.channels.count(where: \.isActive) }

    func leave() async {
        for channel in self.channels { try? await channel.close() }
    }

    private static func open(host: String, port: Int) async throws -> any Channel {
        let answered = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: answered.futureResult.eventLoop)
                .connectTimeout(.seconds(10))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(FirstAnswer(host: host, answered: answered))
                    }
                }
                .connect(host: host, port: port).get()
        } catch {
            answered.fail(error)
            throw error
        }
        try await answered.futureResult.get()
        return channel
    }
}

/// Asks for `/healthz` once, and is silent from then on.
private final class FirstAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let host: String
    private let answered: EventLoopPromise<Void>

    init(host: String, answered: EventLoopPromise<Void>) {
        self.host = host
        self.answered = answered
    }

    func channelActive(context: ChannelHandlerContext) {
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/healthz", headers: ["host": self.host])
        context.write(self.wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .end = self.unwrapInboundIn(data) { self.answered.succeed() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.answered.fail(ChannelError.eof)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.answered.fail(error)
        context.close(promise: nil)
    }
}
