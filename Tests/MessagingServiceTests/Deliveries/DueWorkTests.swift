import MessagingService
import Shared
import Testing

@Suite struct DueWorkTests {
    private let due = DueWork()

    @Test func lanesAreTakenInTurnAndOnce() {
        let lanes = self.lanes(3)
        self.due.add(lanes + lanes)
        #expect(self.due.take(2) == Array(lanes[0..<2]))
        self.due.add([lanes[0]])
        #expect(self.due.take(10) == [lanes[2], lanes[0]])
        #expect(self.due.take(10).isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func whoWaitsIsWokenByTheNextLane() async {
        let due = self.due
        async let waiting: Void = due.wait()
        due.add(self.lanes(1))
        await waiting
        #expect(due.take(1).count == 1)
    }

    @Test(.timeLimit(.minutes(1))) func aLaneThatIsThereAlreadyIsNotWaitedFor() async {
        self.due.add(self.lanes(1))
        await self.due.wait()
    }

    @Test(.timeLimit(.minutes(1))) func aCancelledWaitEnds() async {
        let due = self.due
        let waiting = Task { await due.wait() }
        waiting.cancel()
        await waiting.value
    }

    private func lanes(_ count: Int) -> [Lane] {
        (0..<count).map { _ in Lane(orgID: .new(), accountID: .new()) }
    }
}
