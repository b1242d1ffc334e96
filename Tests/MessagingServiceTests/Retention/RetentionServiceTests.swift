import MessagingService
import Shared
import Synchronization
import TestSupport
import Testing

@Suite(.messaging, .timeLimit(.minutes(5))) struct RetentionServiceTests {
    @Test func aSweepBeginsEachHour() async throws {
        let fixture = try RetentionFixture()
        try await fixture.limit(1)
        let clock = HourClock { hours in
            guard hours < 3 else { throw CancellationError() }
            try await fixture.add(2, age: 2)
        }
        try await RetentionService(retainMessages: fixture.sweep(clock: clock), clock: clock, logger: .quiet).run()
        #expect(clock.hours.allSatisfy { $0 > .seconds(3540) && $0 <= .seconds(3600) })
        #expect(clock.hours.count == 3)
        #expect(try await fixture.left().isEmpty)
    }
}

/// Runs `hook` in the place of long sleeps, with their number; short ones are over at once.
private final class HourClock: Clock {
    private let state = Mutex([Duration]())
    private let hook: @Sendable (Int) async throws -> Void

    init(hook: @escaping @Sendable (Int) async throws -> Void) {
        self.hook = hook
    }

    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }
    var hours: [Duration] { self.state.withLock { $0 } }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let time = ContinuousClock.now.duration(to: deadline)
        guard time > .seconds(60) else { return }
        let number = self.state.withLock { hours in
            hours.append(time)
            return hours.count
        }
        try await self.hook(number)
    }
}
