import InternalAPI
import Shared
import Testing

@testable import MessagingService

/// What time does to a message: it gets its place, its time ends, its hold ends.
@Suite struct SettlementTimeTests {
    private static let now = StoredMessage.now

    @Test(arguments: Standing.allCases) func onlyWhatWaitsForATimeGetsAPlace(standing: Standing) {
        var settlement = Settlement(.standing(standing), attempts: [])
        settlement.place(now: Self.now)
        let isPlaced = [.scheduled, .asideForRetry].contains(standing)
        #expect(settlement.move == (isPlaced ? .enter : nil))
        #expect(settlement.status == (isPlaced ? .queued : standing.status))
    }

    @Test func itIsNotPlacedBeforeItsTime() {
        var settlement = Settlement(.standing(.scheduled), attempts: [])
        settlement.place(now: Self.now - .microseconds(1))
        #expect(!settlement.isChanged)
    }

    @Test(arguments: Standing.allCases) func onlyWhatHasNotLeftExpires(standing: Standing) {
        var settlement = Settlement(.standing(standing, expiresAt: Self.now), attempts: [])
        settlement.expire(now: Self.now)
        let isEnded = [.scheduled, .asideForRetry, .waiting, .ready].contains(standing)
        #expect(settlement.status == (isEnded ? .expired : standing.status))
        #expect(settlement.move == (isEnded ? .remove : nil))
    }

    @Test(arguments: [nil, now + .microseconds(1)]) func beforeItsTimeIsOverNothingExpires(expiresAt: Timestamp?) {
        var settlement = Settlement(.standing(.ready, expiresAt: expiresAt), attempts: [])
        settlement.expire(now: Self.now)
        #expect(!settlement.isChanged)
    }

    @Test(arguments: Standing.allCases) func onlyAnUncertainMessageIsReleased(standing: Standing) {
        var settlement = Settlement(.standing(standing), attempts: [])
        settlement.release(now: Self.now)
        #expect(settlement.move == (standing == .uncertain ? .free : nil))
        #expect(settlement.status == standing.status)
    }

    @Test func itIsNotReleasedBeforeItsHoldIsOver() {
        var settlement = Settlement(.standing(.uncertain), attempts: [])
        settlement.release(now: Self.now - .microseconds(1))
        #expect(!settlement.isChanged)
    }

    @Test func whatIsToBeResentIsQueuedAndCounts() {
        let attempt = Settlement.Attempt(number: 1, state: .uncertain)
        var settlement = Settlement(.standing(.uncertain, onUncertain: .resend), attempts: [attempt])
        settlement.release(now: Self.now)
        #expect(settlement.status == .queued)
        #expect(settlement.move == .enter)
        #expect(settlement.attemptCount == 1)
        #expect(settlement.attempts[1]?.retryAt == Self.now)
    }

    @Test func whenItsAttemptsAreSpentAPersonDecides() {
        var settlement = Settlement(.standing(.uncertain, attemptCount: 1, onUncertain: .resend), attempts: [])
        settlement.release(now: Self.now)
        #expect(settlement.status == .uncertain)
        #expect(settlement.move == .free)
    }

    @Test func whatMayHaveCrashedTooManyWorkersIsNotResent() {
        var settlement = Settlement(.standing(.uncertain, onUncertain: .resend, crashes: 9), attempts: [])
        settlement.release(now: Self.now)
        #expect(settlement.status == .failed)
        #expect(settlement.error?.0.code == "poisonous")
        #expect(settlement.move == .remove)
    }

    /// Its worker was silent, which had counted one; it is taken to have begun it.
    @Test(arguments: [1, 6, 7, 8]) func whatIsResentWithoutAWordFromItsWorkerCountsAsBegun(crashes: Int) {
        let worker = MessagingAPI.WorkerIdentity(name: "worker-1", incarnation: 1)
        var settlement = Settlement(
            .standing(.uncertain, onUncertain: .resend, crashes: crashes, heldBy: worker),
            attempts: []
        )
        settlement.release(now: Self.now)
        #expect(settlement.status == (crashes + 2 < 9 ? .queued : .failed))
        #expect(settlement.crash == (crashes + 2 < 9 ? .recovered(mayHaveBegun: true) : .none))
    }

    /// Who would not be resent anyway is left to a person, however it came about.
    @Test func whatIsHeldIsHeldWhateverItCrashed() {
        var settlement = Settlement(.standing(.uncertain, crashes: 9), attempts: [])
        settlement.release(now: Self.now)
        #expect(settlement.status == .uncertain)
        #expect(settlement.move == .free)
    }
}
