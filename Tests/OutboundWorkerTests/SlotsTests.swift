import TestSupport
import Testing

@testable import OutboundWorker

/// What a worker asks for, and in which order what it holds begins.
@Suite(.timeLimit(.minutes(5))) struct SlotsTests {
    private static let later = ContinuousClock.now + .seconds(3600)
    private static let soon = Duration.milliseconds(50)

    /// Slots of which so many are taken by ordinary messages, and for which so many wait.
    private func slots(_ count: Int, begun: Int, waiting: Int = 0) async -> Slots {
        let slots = Slots(count: count)
        slots.hold(begun + waiting)
        for _ in 0..<begun { #expect(await slots.begin(isCode: false, before: Self.later) == .begun) }
        return slots
    }

    @Test(arguments: [
        (0, 0, SlotShare(any: 30, urgent: 0)), (29, 0, SlotShare(any: 1, urgent: 0)),
        (30, 0, SlotShare(any: 0, urgent: 2)), (31, 0, SlotShare(any: 0, urgent: 1)),
        // What waits for other slots takes none of those for codes.
        (30, 20, SlotShare(any: 0, urgent: 2)),
    ])
    func onlyCodesAreAskedForOnceTheReserveIsAllThatIsLeft(begun: Int, waiting: Int, share: SlotShare) async {
        let slots = Slots(count: 32)
        slots.hold(begun + waiting, codes: max(0, begun - 30))
        for index in 0..<begun { #expect(await slots.begin(isCode: index >= 30, before: Self.later) == .begun) }
        #expect(await slots.share() == share)
    }

    @Test func codesThatWaitAreNotAskedForAgain() async {
        let slots = await self.slots(32, begun: 30)
        slots.hold(1, codes: 1)
        #expect(await slots.share() == SlotShare(any: 0, urgent: 1))
    }

    /// What ended since the last question ends again until this one is answered, and once more until the next one is.
    @Test func asManyMoreAreAskedForAsWillHaveEnded() async {
        let slots = await self.slots(8, begun: 8)
        for _ in 0..<3 { slots.end(after: Self.soon) }
        #expect(await slots.share()?.any == 3 + 2 * 3)
        slots.asked(at: .now)
        slots.hold(4)
        // Five are being sent and four wait. What ended together is remembered for a while: three count as two now.
        #expect(await slots.share()?.any == -1 + 2 * 2)
    }

    /// A question may wait for 20 s: what ended meanwhile would say that much ends in a moment.
    @Test func whatEndedDuringALongQuestionIsForgotten() async {
        let now = ContinuousClock.now
        for (pause, any) in [(SlotCounts.soon, 16), (SlotCounts.soon + .milliseconds(1), 8)] {
            let slots = await self.slots(8, begun: 8)
            slots.asked(at: now)
            for _ in 0..<8 { slots.end(after: Self.soon) }
            slots.forget(at: now + pause)
            #expect(await slots.share()?.any == any)
        }
    }

    @Test func whoeverHasToWaitIsSaid() async {
        let slots = await self.slots(32, begun: 20)
        #expect(!slots.hold(10))
        #expect(slots.hold(1))
    }

    @Test func nothingIsAskedForAheadWhileProvidersAreSlow() async {
        let slots = await self.slots(100, begun: 94)
        for _ in 0..<90 { slots.end(after: .seconds(2)) }
        #expect(await slots.share()?.any == 90)
    }

    /// What is given back says nothing of how soon slots are free.
    @Test func attemptsThatWereNotMadeCountForNothing() async {
        let slots = await self.slots(8, begun: 8)
        for _ in 0..<3 { slots.end(after: nil) }
        #expect(await slots.share()?.any == 3)
    }

    @Test func whileNothingEndsNothingIsAskedFor() async throws {
        let slots = await self.slots(4, begun: 4)
        let asking = Task { await slots.share() }
        try await eventually { slots.isAskerWaiting }
        slots.end(after: Self.soon)
        #expect(await asking.value?.any == 1 + 2)
    }

    @Test func neverMoreIsAskedForThanAnAnswerMayBring() async {
        let slots = await self.slots(1000, begun: 900)
        for _ in 0..<900 { slots.end(after: Self.soon) }
        #expect(await slots.share()?.any == SlotCounts.mostAsked)
    }

    @Test func whatWaitsBeginsInItsOrderAndCodesFirst() async throws {
        let slots = await self.slots(2, begun: 2)
        slots.hold(3, codes: 1)
        let order = AsyncStream<String>.makeStream()
        var waiting: [Task<Void, Never>] = []
        for (index, (name, isCode)) in [("first", false), ("second", false), ("code", true)].enumerated() {
            waiting.append(
                Task {
                    #expect(await slots.begin(isCode: isCode, before: Self.later) == .begun)
                    order.continuation.yield(name)
                }
            )
            try await eventually { slots.waitingToBegin == index + 1 }
        }
        var begun = order.stream.makeAsyncIterator()
        for expected in ["code", "first", "second"] {
            slots.end(after: Self.soon)
            #expect(await begun.next() == expected)
        }
        for task in waiting { await task.value }
    }

    @Test func theLastSlotsAreForCodes() async throws {
        let slots = await self.slots(32, begun: 30, waiting: 1)
        slots.hold(2, codes: 2)
        let ordinary = Task { await slots.begin(isCode: false, before: Self.later) }
        try await eventually { slots.waitingToBegin == 1 }
        for _ in 0..<2 { #expect(await slots.begin(isCode: true, before: Self.later) == .begun) }
        // The reserve is filled again before anything else begins.
        for _ in 0..<2 { slots.end(after: Self.soon) }
        #expect(slots.waitingToBegin == 1)
        slots.end(after: Self.soon)
        #expect(await ordinary.value == .begun)
    }

    @Test func questionsToProvidersTakeNoSlotOfCodes() async throws {
        let slots = await self.slots(32, begun: 20, waiting: 1)
        slots.hold(16)
        slots.beginLookUps(16)
        #expect(await slots.share() == SlotShare(any: 0, urgent: 12))
        let ordinary = Task { await slots.begin(isCode: false, before: Self.later) }
        try await eventually { slots.waitingToBegin == 1 }
        slots.hold(12, codes: 12)
        for _ in 0..<12 { #expect(await slots.begin(isCode: true, before: Self.later) == .begun) }
        for _ in 0..<12 { slots.end(after: Self.soon) }
        for _ in 0..<7 { slots.endLookUp() }
        #expect(await ordinary.value == .begun)
    }

    @Test func nobodyIsAskedForWhileTooManyOutcomesAreNotTold() async throws {
        let slots = Slots(count: 1000)
        for _ in 0..<SlotCounts.mostUntold {
            slots.hold(1)
            #expect(await slots.begin(isCode: false, before: Self.later) == .begun)
            slots.end(after: Self.soon)
        }
        let asking = Task { await slots.share() }
        try await eventually { slots.isAskerWaiting }
        slots.told(1)
        #expect(await asking.value == SlotShare(any: 1, urgent: 0))
    }

    @Test func whoWaitedTooLongIsSentAway() async throws {
        let slots = await self.slots(1, begun: 1, waiting: 2)
        let now = ContinuousClock.now
        let waiting = [Duration.seconds(1), .seconds(3)].map { fresh in
            Task { await slots.begin(isCode: false, before: now + fresh) }
        }
        try await eventually { slots.waitingToBegin == 2 }
        slots.dismiss(at: now + .seconds(2))
        #expect(await waiting[0].value == .tooLate)
        #expect(slots.waitingToBegin == 1)
        slots.giveBack(isCode: false)
        slots.end(after: Self.soon)
        #expect(await waiting[1].value == .begun)
    }

    @Test func nothingBeginsAndNothingIsAskedForOnceClosed() async throws {
        let slots = await self.slots(1, begun: 1, waiting: 1)
        slots.hold(1, codes: 1)
        let waiting = [true, false].map { isCode in Task { await slots.begin(isCode: isCode, before: Self.later) } }
        try await eventually { slots.waitingToBegin == 2 }
        let asking = Task { await slots.share() }
        try await eventually { slots.isAskerWaiting }
        slots.close()
        for task in waiting { #expect(await task.value == .stopping) }
        #expect(await asking.value == nil)
        #expect(await slots.begin(isCode: true, before: Self.later) == .stopping)
    }

    @Test func whatIsGivenBackTakesNoSlot() async {
        let slots = Slots(count: 4)
        slots.hold(4)
        for _ in 0..<4 { slots.giveBack(isCode: false) }
        #expect(await slots.share()?.any == 4)
    }
}
