import FaultPoints
import Installation
import ProviderStub
import TestClient

/// Has processes die at fault points, one after the other, until each was reached as often as it was planned.
struct ReachFaultPoints: Sendable {
    /// How long one life may take to get there.
    private static let patience: Duration = .seconds(8)

    let herald: Installation
    let workers: [String]
    let record: FaultRecord
    let seed: UInt64

    /// Returns when all were reached; ends early, by throwing, when cancelled.
    func callAsFunction(_ points: [Schedule.Point]) async throws {
        var chance = SeededGenerator(seed: self.seed, purpose: 2)
        var waiting = points[...]
        while let point = waiting.popFirst() {
            try Task.checkCancellation()
            let names = point.point.processes(among: self.workers)
            guard let name = names.randomElement(using: &chance) else { continue }
            if try await self.dies(name, at: point) {
                self.record.hit(point.point)
            } else {
                // Others killed it first, or it did not come there in time: it has another turn after the rest.
                waiting.append(point)
            }
        }
    }

    private func dies(_ name: String, at point: Schedule.Point) async throws -> Bool {
        let settings = ["FAULTPOINT": "\(point.point.rawValue):\(point.times)"]
        guard let life = await self.herald.processes.relive(name, with: settings) else { return false }
        self.record.did("kill \(Fault.program(name))")
        return try await withThrowingTaskGroup(of: Bool.self) { tasks in
            tasks.addTask { try await self.hasDied(life) }
            if point.point == .recoveryBeforeCommit { tasks.addTask { try await self.killWorkers(asking: name) } }
            let died = try await tasks.next() ?? false
            tasks.cancelAll()
            return died
        }
    }

    private func hasDied(_ life: Latch<ProcessGroup.LifeEnd>) async throws -> Bool {
        _ = try await timeUntil(Self.patience, every: .milliseconds(20)) { life.isOpen }
        guard life.isOpen else { return false }
        return await life.value() == .byItself
    }

    /// Leaves work for a recovery: kills workers of a replica while the provider has their messages.
    private func killWorkers(asking replica: String) async throws -> Bool {
        let workers = self.workers.indices.map { WorkerPlan.number($0 + 1) }.filter { $0.replica.name == replica }
        while true {
            for worker in workers {
                self.herald.stub.behaviours.set(BehaviourRule(.slow(.milliseconds(800))))
                try await pause(.milliseconds(600))
                self.herald.stub.behaviours.removeAll()
                await self.herald.processes.kill(worker.name)
                self.record.did("kill \(Fault.program(worker.name))")
                try await pause(.milliseconds(600))
            }
        }
    }
}
