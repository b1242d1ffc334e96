import APIGateway
import Shared
import Synchronization

/// Both clocks of a gateway, which stand until a test moves them.
final class TestTime: Sendable {
    private let start = (instant: ContinuousClock.now, now: Timestamp.now)
    private let passed = Mutex<Duration>(.zero)

    var time: GatewayTime {
        GatewayTime(
            instant: { self.start.instant + self.passed.withLock { $0 } },
            now: { self.start.now + self.passed.withLock { $0 } }
        )
    }

    func advance(by duration: Duration) {
        self.passed.withLock { $0 += duration }
    }
}
