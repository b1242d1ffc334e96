import Foundation
import Installation
import TestClient

/// Plays the lanes of a schedule side by side.
struct PlaySchedule: Sendable {
    let inject: InjectFault

    /// Returns when every fault is over.
    func callAsFunction(_ schedule: Schedule) async throws {
        let start = ContinuousClock.now
        try await withThrowingDiscardingTaskGroup { tasks in
            for (lane, planned) in schedule.lanes {
                tasks.addTask {
                    for next in planned { try await self.play(next, in: lane, from: start) }
                }
            }
        }
    }

    private func play(
        _ planned: Schedule.Planned,
        in lane: Schedule.Lane,
        from start: ContinuousClock.Instant
    ) async throws {
        try await ContinuousClock().sleep(until: start + planned.at, tolerance: nil)
        do {
            try await self.inject(planned.fault)
        } catch let failure as Unusable {
            self.inject.record.failed("\(lane.rawValue): \(failure)")
        }
        if case .kill(let name) = planned.fault { try await self.measureRecovery(of: name) }
    }

    /// From the kill to the moment at which the successor can work, while other faults go on.
    private func measureRecovery(of name: String) async throws {
        let processes = self.inject.herald.processes
        guard let port = await processes.port(of: name) else { return }
        let health = API(url: self.inject.herald.ports.url(port), key: nil)
        let took = try await timeUntil(.seconds(3), every: .milliseconds(20)) { try await health.isReady() }
        if let took { self.inject.record.recovered(after: took / .milliseconds(1)) }
    }
}
