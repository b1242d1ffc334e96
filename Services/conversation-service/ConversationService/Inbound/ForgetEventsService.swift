import Logging
import ServiceLifecycle

/// Forgets old events each hour.
struct ForgetEventsService: Service {
    static let interval: Duration = .seconds(3600)

    let forgetEvents: ForgetEvents
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    try await self.forgetEvents()
                } catch {
                    // Most often a database that is away; the next round does what this one has not.
                    if !(error is CancellationError) {
                        self.logger.warning("received events not forgotten", metadata: ["error": "\(error)"])
                    }
                }
            } while (try? await self.clock.sleep(for: Self.interval)) != nil
        }
    }
}
