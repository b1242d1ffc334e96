import EventLoopTasks
import Testing

@Suite(.timeLimit(.minutes(1))) struct EventLoopClockTests {
    private let clock = EventLoopClock()

    @Test(arguments: [Duration.milliseconds(-5), .zero, .milliseconds(20)])
    func whoSleepsWakesWhenItsTimeHasCome(duration: Duration) async throws {
        let began = ContinuousClock.now
        try await self.clock.sleep(for: duration)
        #expect(began.duration(to: .now) >= duration)
    }

    @Test(arguments: [3600, Int64.max / 2]) func whoIsCancelledWakesAtOnce(seconds: Int64) async throws {
        let sleeper = Task { try await self.clock.sleep(for: .seconds(seconds)) }
        try await self.clock.sleep(for: .milliseconds(5))
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
    }

    /// Cancelled before, while and after it falls asleep: each wakes once, and says why.
    @Test func manyAreCancelledAtWhateverMoment() async {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let sleeper = Task { try await self.clock.sleep(for: .microseconds(number)) }
                    try? await self.clock.sleep(for: .microseconds(number * 7 % 1000))
                    sleeper.cancel()
                    do {
                        try await sleeper.value
                        return true
                    } catch {
                        return error is CancellationError
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
