package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceLifecycle

/// Makes the server of one port, with every limit of `config`.
///
/// - Parameters:
///   - router: with all its routes; other methods of their paths are refused from here on.
///   - config: where it listens.
///   - otherMethods: what becomes of them.
///   - shedding: what is refused at the door while it can not be served soon.
///   - logger: for what happens outside requests, and the base of every request's logger.
///   - onServerRunning: told the port once the server listens.
/// - Returns: a service that at graceful shutdown takes no more connections, and finishes what is under way.
package func makeServer<Context: RequestContext>(
    router: Router<Context>,
    config: ServerConfig,
    otherMethods: OtherMethods = .refused,
    shedding: Shedding? = nil,
    logger: Logger,
    onServerRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
) -> some Service where Context.Source == ApplicationRequestContextSource {
    router.refuseOtherMethods(otherMethods)
    let limits = config.limits
    var channel = HTTP1Channel.Configuration(
        additionalChannelHandlers: [ConnectionGuard(limits: limits, shedding: shedding)],
        idleTimeout: limits.idleTime
    )
    channel.httpDecoder = .init(
        maxHeaderFieldSize: limits.headBytes,
        maxHeaderListSize: limits.headBytes,
        maxHeaderFieldCount: limits.headerFields
    )
    return Application(
        router: router,
        server: .http1(configuration: channel),
        configuration: .init(
            address: .hostname(config.host, port: config.port),
            backlog: 1024,
            availableConnectionsDelegate: .maximum(config.connections, logger: logger)
        ),
        onServerRunning: { await onServerRunning($0.localAddress?.port ?? config.port) },
        logger: logger
    )
}
