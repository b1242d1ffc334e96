import NIOCore
import NIOPosix

/// One connection through a proxy, with both its channels on one event loop.
final class ProxyLink {
    enum Side {
        case client, server

        var other: Side { self == .client ? .server : .client }
    }

    private struct Piece {
        let bytes: ByteBuffer
        let due: NIODeadline
    }

    /// What came from one side, and has not gone to the other.
    private struct Direction {
        var waiting = CircularBuffer<Piece>()
        var passed = 0
        var hasEnded = false
    }

    private static let commit = Array("COMMIT".utf8)

    private let proxy: FaultyProxy
    private let client: any Channel
    private var server: (any Channel)?
    private var isConnecting = false
    private var isOver = false
    private var fromClient = Direction()
    private var fromServer = Direction()

    init(client: any Channel, proxy: FaultyProxy) {
        self.client = client
        self.proxy = proxy
    }

    /// The client is connected.
    func open() {
        self.proxy.add(self, on: self.client.eventLoop)
        self.faultHasChanged()
    }

    func received(_ bytes: ByteBuffer, from side: Side) {
        guard !self.isOver else { return }
        let due = NIODeadline.now() + (self.proxy.fault?.delay ?? .zero)
        // What came before goes before, though the delay may have become shorter.
        let last = self[side].waiting.last?.due ?? due
        self[side].waiting.append(Piece(bytes: bytes, due: max(due, last)))
        self.flush(side)
    }

    /// A side has closed its channel.
    func ended(_ side: Side) {
        self[side].hasEnded = true
        self.flush(side)
    }

    func faultHasChanged() {
        guard !self.isOver else { return }
        switch self.proxy.fault {
        case .reset: return self.end(byReset: true)
        case .hold: return
        default: break
        }
        if self.server == nil { return self.connect() }
        self.flush(.client)
        self.flush(.server)
    }

    private func connect() {
        guard !self.isConnecting else { return }
        self.isConnecting = true
        let link = NIOLoopBound(self, eventLoop: self.client.eventLoop)
        ClientBootstrap(group: self.client.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(ProxyEnd(link: link.value, side: .server))
                }
            }
            .connect(host: "127.0.0.1", port: self.proxy.target)
            .whenComplete { result in
                switch result {
                case .success(let channel): link.value.connected(channel)
                // As a port that nobody listens on answers.
                case .failure: link.value.end(byReset: true)
                }
            }
    }

    private func connected(_ channel: any Channel) {
        self.server = channel
        if self.isOver { return channel.close(promise: nil) }
        self.faultHasChanged()
    }

    private func flush(_ side: Side) {
        guard !self.isOver, let target = side == .client ? self.server : self.client else { return }
        while let piece = self[side].waiting.first {
            let fault = self.proxy.fault
            switch fault {
            case .hold: return
            case .reset: return self.end(byReset: true)
            default: break
            }
            guard piece.due <= .now() else { return self.flush(side, at: piece.due) }
            self[side].waiting.removeFirst()
            self[side].passed += piece.bytes.readableBytes
            target.writeAndFlush(piece.bytes, promise: nil)
            switch fault {
            case .cut(let limit) where self[side].passed >= limit: return self.end(byReset: false)
            case .cutAfterCommit where side == .client && Self.hasCommit(piece.bytes): return self.end(byReset: false)
            default: break
            }
        }
        guard self[side].hasEnded else { return }
        if case .hold = self.proxy.fault { return }
        self.end(byReset: false)
    }

    private func flush(_ side: Side, at due: NIODeadline) {
        let link = NIOLoopBound(self, eventLoop: self.client.eventLoop)
        self.client.eventLoop.scheduleTask(deadline: due) { link.value.flush(side) }
    }

    private func end(byReset isReset: Bool) {
        guard !self.isOver else { return }
        self.isOver = true
        self.proxy.remove(self)
        for channel in [self.client, self.server].compactMap(\.self) {
            guard isReset, let options = channel as? any SocketOptionProvider else {
                channel.close(promise: nil)
                continue
            }
            options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
        }
    }

    private subscript(_ side: Side) -> Direction {
        get { side == .client ? self.fromClient : self.fromServer }
        set { if side == .client { self.fromClient = newValue } else { self.fromServer = newValue } }
    }

    private static func hasCommit(_ bytes: ByteBuffer) -> Bool {
        bytes.readableBytesView.firstRange(of: Self.commit) != nil
    }
}

/// The end of a link in the pipeline of one of its channels.
final class ProxyEnd: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: ProxyLink
    private let side: ProxyLink.Side

    init(link: ProxyLink, side: ProxyLink.Side) {
        self.link = link
        self.side = side
    }

    func channelActive(context: ChannelHandlerContext) {
        if self.side == .client { self.link.open() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.link.received(self.unwrapInboundIn(data), from: self.side)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.link.ended(self.side)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
