import Logging
import ServiceLifecycle

/// Steps as long as there is work, and then waits for a signal, or for a while.
struct WorkLoop: Sendable {
    let wake: JobSignal
    /// How often it is looked for what another replica left.
    let interval: Duration
    let clock: any Clock<Duration>
    let logger: Logger

    /// Runs until shutdown.
    ///
    /// - Parameters:
    ///   - work: for the log: `jobs`.
    ///   - step: returns whether there was something to do.
    func run(_ work: String, _ step: @escaping @Sendable () async throws -> Bool) async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    var isWorking = true
                    while isWorking, !Task.isCancelled { isWorking = try await step() }
                } catch {
                    self.logger.warning("\(work) not worked on", metadata: ["error": "\(error)"])
                }
                await self.wake.wait(atMost: self.interval, clock: self.clock)
            }
        }
    }
}
