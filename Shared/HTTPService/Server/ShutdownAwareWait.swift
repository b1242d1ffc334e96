import ServiceLifecycle

/// Runs `wait`, which sleeps until there is something to answer, and cancels it when the process begins to stop.
///
/// For long polls: a handler's task knows of the shutdown, but is not cancelled by it, and would keep the server from
/// stopping for as long as it waits.
/// - Returns: what `wait` returned; nil when it was cut short by the shutdown.
package func endingAtShutdown<Value: Sendable>(
    _ wait: @Sendable @escaping () async throws -> Value
) async throws -> Value? {
    do {
        return try await cancelWhenGracefulShutdown { try await wait() }
    } catch is CancellationError where Task.isShuttingDownGracefully {
        return nil
    }
}
