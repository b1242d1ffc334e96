import InternalAPI
import Logging
import ServiceLifecycle
import Shared

/// Makes known what workers of this host left that do not come again.
///
/// Where fewer are started than before, or some ran beside the old ones during an upgrade, nobody starts in their slots: how
/// their last attempts ended would stay in their journals, and after a restore what they had sent. One of those that run
/// takes such a slot for as long as it tells that, in its worker's name.
struct SettleNeighbours: Service {
    /// From one look to the next, and before the first: workers that start together take their own slots meanwhile.
    static let interval: Duration = .seconds(60)

    /// Of the workers of this host, which all have its name.
    let directory: String
    let host: String
    let keeping: Duration
    /// This worker's.
    let own: WorkerLife
    let queue: any DeliveryQueue
    let clock: any MonotonicClock
    let logger: Logger

    func run() async {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await self.clock.sleep(for: Self.interval)
                for number in WorkerSlot.numbers(in: self.directory) where number != self.own.slot.number {
                    guard let life = self.untold(number) else { continue }
                    defer { life.end() }
                    self.logger.notice("what another worker left is told", metadata: ["worker": "\(life.worker.name)"])
                    try await life.settle()
                }
            }
        }
    }

    /// A life in a slot that nobody holds and that has something to tell.
    private func untold(_ number: Int) -> WorkerLife? {
        do throws(ConfigFailure) {
            guard let slot = try WorkerSlot(number, in: self.directory) else { return nil }
            guard WorkerLife.isUntold(in: slot, host: self.host, by: self.own.fence.memory.epoch) else {
                slot.release()
                return nil
            }
            return WorkerLife(
                in: slot,
                as: try MessagingAPI.WorkerIdentity(host: self.host, slot: slot),
                keeping: self.keeping,
                queue: self.queue,
                clock: self.clock,
                logger: self.logger
            )
        } catch {
            self.logger.warning("another worker's slot can not be read", metadata: ["error": "\(error)"])
            return nil
        }
    }
}
