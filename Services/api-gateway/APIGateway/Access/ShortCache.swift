import Synchronization

/// Values that are remembered for at most a second, and read once however many ask.
///
/// A value that is past half its time is read again in the background while it still serves, so that a busy key never
/// waits. An absent value is a value too. When reading fails, whoever has no value of this second gets the error.
package final class ShortCache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    /// How long a value may serve, from the moment its reading began: the promise for revoked keys.
    package static var lifetime: Duration { .seconds(1) }
    private static var renewal: Duration { .milliseconds(500) }
    /// A value has less than a kilobyte; invented ids must not fill the memory.
    private static var mostEntries: Int { 10_000 }

    private struct Entry {
        let value: Value
        let readAt: ContinuousClock.Instant
    }

    private struct Reading {
        let number: UInt64
        let task: Task<Value, any Error>
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var readings: [Key: Reading] = [:]
        var started: UInt64 = 0
    }

    private enum Finding {
        case value(Value)
        case reading(Task<Value, any Error>)
    }

    private let state = Mutex(State())
    private let instant: @Sendable () -> ContinuousClock.Instant
    private let read: @Sendable (Key) async throws -> Value

    package init(
        instant: @escaping @Sendable () -> ContinuousClock.Instant,
        read: @escaping @Sendable (Key) async throws -> Value
    ) {
        self.instant = instant
        self.read = read
    }

    /// The value of `key`, at most a second old.
    package func value(of key: Key) async throws -> Value {
        switch self.find(key) {
        case .value(let value): return value
        case .reading(let task): return try await task.value
        }
    }

    /// Forgets what `isStale` says, also what is being read at the moment.
    package func forget(where isStale: @Sendable (Key, Value?) -> Bool) {
        self.state.withLock { state in
            for key in state.readings.keys where isStale(key, state.entries[key]?.value) { state.readings[key] = nil }
            for (key, entry) in state.entries where isStale(key, entry.value) { state.entries[key] = nil }
        }
    }

    private func find(_ key: Key) -> Finding {
        let now = self.instant()
        return self.state.withLock { state in
            let entry = state.entries[key].flatMap { now - $0.readAt < Self.lifetime ? $0 : nil }
            if let entry, now - entry.readAt < Self.renewal { return .value(entry.value) }
            let task = state.readings[key]?.task ?? self.start(key, at: now, in: &state)
            return entry.map { .value($0.value) } ?? .reading(task)
        }
    }

    /// Detached: the reading belongs to all who wait for it, and not to the request that came first.
    private func start(_ key: Key, at now: ContinuousClock.Instant, in state: inout State) -> Task<Value, any Error> {
        state.started += 1
        let number = state.started
        let task = Task.detached {
            do {
                let value = try await self.read(key)
                self.finish(key, number, Entry(value: value, readAt: now))
                return value
            } catch {
                self.finish(key, number, nil)
                throw error
            }
        }
        state.readings[key] = Reading(number: number, task: task)
        return task
    }

    private func finish(_ key: Key, _ number: UInt64, _ entry: Entry?) {
        self.state.withLock { state in
            guard state.readings[key]?.number == number else { return }
            state.readings[key] = nil
            guard let entry else { return }
            if state.entries.count >= Self.mostEntries {
                state.entries = state.entries.filter { entry.readAt - $0.value.readAt < Self.lifetime }
            }
            if state.entries.count < Self.mostEntries || state.entries[key] != nil { state.entries[key] = entry }
        }
    }
}
