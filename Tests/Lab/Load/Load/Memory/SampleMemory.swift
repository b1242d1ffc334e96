import Installation

/// Looks at the memory of the six services while something else goes on.
struct SampleMemory: Sendable {
    private static let interval = Duration.milliseconds(250)

    let lab: Lab

    func during<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> (value: Value, memory: MemorySamples) {
        try await withThrowingTaskGroup(of: Step<Value>.self) { group in
            group.addTask { .done(try await body()) }
            var memory = MemorySamples()
            group.addTask { try await self.wait() }
            while let step = try await group.next() {
                memory.add(ResidentMemory.megabytes(of: await self.lab.installation.processes.pids))
                switch step {
                case .done(let value):
                    group.cancelAll()
                    return (value, memory)
                case .tick:
                    group.addTask { try await self.wait() }
                }
            }
            throw LoadFailure("Stopped.")
        }
    }

    private func wait<Value>() async throws -> Step<Value> {
        try await Task.sleep(for: Self.interval)
        return .tick
    }

    private enum Step<Value: Sendable>: Sendable {
        case tick
        case done(Value)
    }
}
