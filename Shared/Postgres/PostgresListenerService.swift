package import Logging
import ServiceLifecycle

/// Listens for as long as the service runs, again after each lost connection.
///
/// What was notified while no one listened is lost: on `listening` the handler looks for itself.
package struct PostgresListenerService: Service {
    package enum Event: Sendable, Equatable {
        /// Connected, for the first time or again: look for what was missed.
        case listening
        case notification(PostgresListener.Notification)
    }

    /// Short enough that a restart of the server costs a second at most.
    private static let firstPause = Duration.milliseconds(50)
    private static let longestPause = Duration.milliseconds(500)

    private let url: String
    private let channels: [String]
    private let logger: Logger
    private let clock: any Clock<Duration>
    private let handler: @Sendable (Event) async -> Void

    /// Calls `handler` with one event after the other; while it is busy, notifications wait in memory.
    package init(
        _ config: PostgresConfig,
        channels: [String],
        logger: Logger,
        clock: any Clock<Duration> = .continuous,
        handler: @escaping @Sendable (Event) async -> Void
    ) {
        self.url = config.url
        self.channels = channels
        self.logger = logger
        self.clock = clock
        self.handler = handler
    }

    package func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.listenAgainAndAgain() }
        } catch is CancellationError {
            // The shutdown.
        }
    }

    private func listenAgainAndAgain() async throws {
        var pause = Self.firstPause
        while true {
            do {
                let listener = try await PostgresListener(self.url, channels: self.channels)
                pause = Self.firstPause
                do {
                    try await self.deliver(from: listener)
                } catch {
                    await listener.close()
                    throw error
                }
                await listener.close()
            } catch let error as PostgresError {
                self.logger.warning("postgres listener lost", metadata: ["postgres.reason": "\(error.reason)"])
            }
            try Task.checkCancellation()
            try await self.clock.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func deliver(from listener: PostgresListener) async throws {
        await self.handler(.listening)
        for try await notification in listener.notifications {
            await self.handler(.notification(notification))
        }
    }
}
