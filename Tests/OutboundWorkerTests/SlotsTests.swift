import TestSupport
import Testing

@testable import OutboundWorker

/// What a worker asks for, and in which order what it holds begins.
@Suite(.timeLimit(.minutes(5))) struct SlotsTests {
    /// Slots of which so many are taken by ordinary messages.
    private func slots(_ count: Int, begun: Int) async -> Slots {
        let slots = Slots(count: count)
        slots.hold(begun)
        for _ in 0..<begun { #expect(await slots.begin(isUrgent: false)) }
        return slots
    }

    @Test func onlyCodesAreAskedForOnceTheReserveIsAllThatIsLeft() async {
        for (begun, any, urgent) in [(0, 30, 0), (29, 1, 0), (30, 0, 2)] {
            let slots = await self.slots(32, begun: begun)
            #expect(await slots.share() == SlotShare(free: 32 - begun, of: 32))
            #expect(SlotShare(free: 32 - begun, of: 32).any == any)
            #expect(SlotShare(free: 32 - begun, of: 32).urgent == urgent)
        }
    }

    /// What ended since the last question ends again until this one is answered, and once more until the next one is.
    @Test func asManyMoreAreAskedForAsWillHaveEnded() async {
        let slots = await self.slots(8, begun: 8)
        for _ in 0..<3 { slots.end() }
        #expect(await slots.share()?.any == 3 + 2 * 3)
        slots.hold(4)
        // Five are being sent and four wait. What ended together is remembered for a while: three count as two now.
        #expect(await slots.share()?.any == -1 + 2 * 2)
    }

    @Test func whileNothingEndsNothingMoreIsAskedFor() async throws {
        let slots = await self.slots(4, begun: 4)
        let asking = Task { await slots.share() }
        slots.end()
        #expect(await asking.value?.any == 1 + 2)
    }

    @Test func neverMoreIsAskedForThanAnAnswerMayBring() async {
        let slots = await self.slots(1000, begun: 900)
        for _ in 0..<900 { slots.end() }
        let share = await slots.share()
        #expect(share?.any == Slots.mostAsked - 1000 / 16)
    }

    @Test func whatWaitsBeginsInItsOrderAndCodesFirst() async throws {
        let slots = await self.slots(2, begun: 2)
        slots.hold(3)
        let order = AsyncStream<String>.makeStream()
        var waiting: [Task<Void, Never>] = []
        for (index, (name, isUrgent)) in [("first", false), ("second", false), ("code", true)].enumerated() {
            waiting.append(
                Task {
                    #expect(await slots.begin(isUrgent: isUrgent))
                    order.continuation.yield(name)
                }
            )
            try await eventually { slots.waitingToBegin == index + 1 }
        }
        var begun = order.stream.makeAsyncIterator()
        for expected in ["code", "first", "second"] {
            slots.end()
            #expect(await begun.next() == expected)
        }
        for task in waiting { await task.value }
    }

    @Test func theLastSlotsAreForCodes() async throws {
        let slots = await self.slots(32, begun: 30)
        slots.hold(3)
        let ordinary = Task { await slots.begin(isUrgent: false) }
        try await eventually { slots.waitingToBegin == 1 }
        #expect(await slots.begin(isUrgent: true))
        #expect(await slots.begin(isUrgent: true))
        #expect(slots.waitingToBegin == 1)
        // The reserve is filled again before anything else begins.
        for _ in 0..<2 { slots.end() }
        #expect(slots.waitingToBegin == 1)
        slots.end()
        #expect(await ordinary.value)
    }

    @Test func nobodyIsAskedForWhileTooManyOutcomesAreNotTold() async {
        let slots = Slots(count: 1000)
        for _ in 0..<2 {
            slots.hold(1000)
            slots.beginAtOnce(1000)
            for _ in 0..<1000 { slots.end() }
        }
        let asking = Task { await slots.share() }
        slots.told(1)
        // One is the last sixteenth, and so for codes.
        #expect(await asking.value == SlotShare(free: 1, of: 1000))
    }

    @Test func nothingBeginsAndNothingIsAskedForOnceClosed() async throws {
        let slots = await self.slots(1, begun: 1)
        slots.hold(2)
        let waiting = [true, false].map { isUrgent in Task { await slots.begin(isUrgent: isUrgent) } }
        try await eventually { slots.waitingToBegin == 2 }
        let asking = Task { await slots.share() }
        slots.close()
        for task in waiting { #expect(await !task.value) }
        #expect(await asking.value == nil)
        #expect(await !slots.begin(isUrgent: true))
    }

    @Test func whatIsGivenBackTakesNoSlot() async {
        let slots = Slots(count: 4)
        slots.hold(4)
        slots.giveBack(4)
        #expect(await slots.share()?.any == 4)
    }
}
