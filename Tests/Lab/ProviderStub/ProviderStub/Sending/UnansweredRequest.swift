import Hummingbird
import NIOCore
import ServiceLifecycle

/// Ends a request without a byte of an answer.
struct UnansweredRequest {
    let channel: any Channel

    /// Closes the connection.
    ///
    /// - Returns: an answer that goes nowhere: the server's write to the closed connection fails, and it gives up on it.
    func cut() async -> Response {
        try? await self.channel.close()
        return Response(status: .internalServerError)
    }

    /// Keeps the connection open until the client closes it, the stub stops, or ten minutes are over.
    func hang() async -> Response {
        let channel = self.channel
        // The server allows half-closed connections: without this a client that leaves would go unnoticed.
        try? await channel.pipeline.addHandler(CloseWithClient(), position: .first)
        let limit = channel.eventLoop.scheduleTask(in: StubRequestContext.longestHang) {
            channel.close(promise: nil)
        }
        await withTaskCancellationOrGracefulShutdownHandler {
            try? await channel.closeFuture.get()
        } onCancelOrGracefulShutdown: {
            channel.close(promise: nil)
        }
        limit.cancel()
        return Response(status: .internalServerError)
    }
}

/// Closes the connection when the client has closed its half.
private final class CloseWithClient: ChannelInboundHandler, Sendable {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            context.close(promise: nil)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }
}
