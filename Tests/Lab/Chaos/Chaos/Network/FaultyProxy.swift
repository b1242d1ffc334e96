import NIOCore
import NIOPosix
import Synchronization

/// Stands on a way between two programs, and breaks it when told to.
final class FaultyProxy: Sendable {
    private struct State {
        var fault: NetworkFault?
        var links: [ObjectIdentifier: Bound] = [:]
        var listener: (any Channel)?
    }

    /// A link, and the loop that alone may touch it.
    private struct Bound: Sendable {
        let link: NIOLoopBound<ProxyLink>
        let loop: any EventLoop
    }

    let port: Int
    let target: Int
    private let state = Mutex(State())

    private init(port: Int, target: Int) {
        self.port = port
        self.target = target
    }

    /// Listens on `port`, and passes what comes on to `target`.
    static func start(on port: Int, to target: Int) async throws -> FaultyProxy {
        let proxy = FaultyProxy(port: port, target: target)
        let listener = try await ServerBootstrap(group: NIOSingletons.posixEventLoopGroup)
            .serverChannelOption(.backlog, value: 512)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let link = ProxyLink(client: channel, proxy: proxy)
                    try channel.pipeline.syncOperations.addHandler(ProxyEnd(link: link, side: .client))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        proxy.state.withLock { $0.listener = listener }
        return proxy
    }

    var fault: NetworkFault? { self.state.withLock { $0.fault } }

    /// Breaks the way, or heals it.
    func set(_ fault: NetworkFault?) {
        let links = self.state.withLock { state in
            state.fault = fault
            return Array(state.links.values)
        }
        for link in links { link.loop.execute { link.link.value.faultHasChanged() } }
    }

    func close() async {
        let listener = self.state.withLock { $0.listener.take() }
        try? await listener?.close()
    }

    func add(_ link: ProxyLink, on loop: any EventLoop) {
        let bound = Bound(link: NIOLoopBound(link, eventLoop: loop), loop: loop)
        self.state.withLock { $0.links[ObjectIdentifier(link)] = bound }
    }

    func remove(_ link: ProxyLink) {
        self.state.withLock { _ = $0.links.removeValue(forKey: ObjectIdentifier(link)) }
    }
}
