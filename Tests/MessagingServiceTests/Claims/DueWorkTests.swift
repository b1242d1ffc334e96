import MessagingService
import Shared
import Testing

@Suite(.timeLimit(.minutes(5))) struct DueWorkTests {
    private let due = DueWork()
    private let start = ContinuousClock.now

    @Test func accountsAreTakenInTurnAndOnce() {
        let accounts = self.accounts(3)
        self.due.add(accounts + accounts)
        #expect(self.due.take(2) == Array(accounts[0..<2]))
        self.due.add([accounts[0]])
        #expect(self.due.take(10) == [accounts[2], accounts[0]])
        #expect(self.due.take(10).isEmpty)
    }

    @Test func anOrganizationWithManyAccountsWaitsLikeOneWithASingleOne() {
        let many = self.accounts(4, of: .new())
        let (single, other) = (self.accounts(1), self.accounts(2, of: .new()))
        self.due.add(many + single + other)
        #expect(self.due.take(3) == [many[0], single[0], other[0]])
        #expect(self.due.take(10) == [many[1], other[1], many[2], many[3]])
    }

    @Test func aTurnGoesOnWhereItEnded() {
        let (first, second) = (self.accounts(3, of: .new()), self.accounts(1))
        self.due.add(first + second)
        #expect(self.due.take(1) == [first[0]])
        #expect(self.due.take(1) == second)
        self.due.add(second)
        #expect(self.due.take(1) == [first[1]])
        #expect(self.due.take(1) == second)
    }

    @Test func accountsWithOneTimeCodesGoFirst() {
        let (ordinary, codes) = (self.accounts(2), self.accounts(1, .otp))
        self.due.add(ordinary + codes)
        #expect(self.due.take(2) == [codes[0], ordinary[0]])
        #expect(self.due.take(2) == [ordinary[1]])
    }

    /// A claim takes the account's one-time codes first, and then the rest.
    @Test func anAccountThatHasBothIsAskedOnce() {
        let ordinary = self.accounts(2)
        let code = DueAccount(ordinary[0].account, .otp)
        self.due.add(ordinary + [code])
        #expect(self.due.take(10) == [code, ordinary[1]])
        #expect(self.due.take(10).isEmpty)
    }

    @Test func withSlotsForOneTimeCodesAloneTheOthersStay() {
        let (ordinary, codes) = (self.accounts(1), self.accounts(1, .otp))
        self.due.add(ordinary + codes)
        #expect(self.due.take(10, .urgentOnly) == codes)
        #expect(self.due.take(10, .urgentOnly).isEmpty)
        #expect(self.due.take(10) == ordinary)
    }

    @Test func whoIsAddedForATimeStandsOutsideUntilThen() {
        let accounts = self.accounts(2)
        self.due.add([accounts[0]], at: self.start + .seconds(2))
        self.due.add([accounts[1]], at: self.start + .seconds(1))
        #expect(self.due.take(10).isEmpty)
        #expect(self.due.wake(at: self.start) == self.start + .seconds(1))
        #expect(self.due.take(10).isEmpty)
        #expect(self.due.wake(at: self.start + .seconds(1)) == self.start + .seconds(2))
        #expect(self.due.take(10) == [accounts[1]])
        #expect(self.due.wake(at: self.start + .seconds(2)) == nil)
        #expect(self.due.take(10) == [accounts[0]])
    }

    @Test func whoRestsComesWhenItsRestIsOver() {
        let (account, other) = (self.accounts(1)[0], self.accounts(1)[0])
        let end = self.start + .milliseconds(100)
        // What was added during the claim waits as well.
        self.due.add([account], now: self.start)
        self.due.rest(account.account, until: end, now: self.start)
        self.due.add([account, other], now: self.start + .milliseconds(50))
        #expect(self.due.take(10) == [other])
        #expect(self.due.wake(at: end - .milliseconds(1)) == end)
        #expect(self.due.take(10).isEmpty)
        _ = self.due.wake(at: end)
        #expect(self.due.take(10) == [account])
        self.due.add([account], now: end)
        #expect(self.due.take(10) == [account])
    }

    @Test func whoRestsWithoutAnythingDueStaysOutside() {
        let account = self.accounts(1)[0]
        self.due.rest(account.account, until: self.start + .milliseconds(100), now: self.start)
        #expect(self.due.wake(at: self.start + .seconds(1)) == nil)
        #expect(self.due.take(10).isEmpty)
    }

    /// A limit may be raised meanwhile, by whomever.
    @Test func nobodyRestsForLong() {
        let account = self.accounts(1)[0]
        self.due.rest(account.account, until: self.start + .seconds(300), now: self.start)
        self.due.add([account], now: self.start + .milliseconds(1))
        #expect(self.due.wake(at: self.start) == self.start + DueWork.longestRest)
        _ = self.due.wake(at: self.start + DueWork.longestRest)
        #expect(self.due.take(10) == [account])
    }

    @Test func aTimeThatIsOverIsNoRest() {
        let account = self.accounts(1)[0]
        self.due.rest(account.account, until: self.start, now: self.start)
        self.due.add([account], now: self.start)
        #expect(self.due.take(10) == [account])
    }

    @Test func ofTwoTimesTheEarlierCounts() {
        let account = self.accounts(1)[0]
        for seconds in [2, 1, 3] { self.due.add([account], at: self.start + .seconds(seconds)) }
        _ = self.due.wake(at: self.start + .seconds(1))
        #expect(self.due.take(10) == [account])
        // The later ones are over with it.
        _ = self.due.wake(at: self.start + .seconds(5))
        #expect(self.due.take(10).isEmpty)
    }

    @Test func aTimeMayFollowOneThatWasUsed() {
        let account = self.accounts(1)[0]
        self.due.add([account], at: self.start)
        _ = self.due.wake(at: self.start)
        _ = self.due.take(10)
        self.due.add([account], at: self.start + .seconds(1))
        _ = self.due.wake(at: self.start + .seconds(1))
        #expect(self.due.take(10) == [account])
    }

    @Test func whoWaitsIsWokenByTheNextAccount() async {
        let due = self.due
        async let waiting: Void = due.wait()
        due.add(self.accounts(1))
        await waiting
        #expect(due.take(1).count == 1)
    }

    @Test func whoWaitsForOneTimeCodesIsNotWokenByOthers() async {
        let due = self.due
        let waiting = Task {
            await due.wait(for: .urgentOnly)
            return due.take(10, .urgentOnly)
        }
        due.add(self.accounts(1))
        let codes = self.accounts(1, .otp)
        due.add(codes)
        #expect(await waiting.value == codes)
    }

    @Test func aTimeThatComesWakesWhoWaits() async {
        let due = self.due
        due.add(self.accounts(1), at: self.start)
        async let waiting: Void = due.wait()
        _ = due.wake(at: self.start)
        await waiting
        #expect(due.take(1).count == 1)
    }

    @Test func anAccountThatIsThereAlreadyIsNotWaitedFor() async {
        self.due.add(self.accounts(1))
        await self.due.wait()
        self.due.add(self.accounts(1, .otp))
        await self.due.wait(for: .urgentOnly)
    }

    @Test func aCancelledWaitEnds() async {
        let due = self.due
        let waiting = Task { await due.wait() }
        waiting.cancel()
        await waiting.value
    }

    /// Accounts of as many organizations, or of one.
    private func accounts(_ count: Int, _ urgency: Urgency = .ordinary, of orgID: OrgID? = nil) -> [DueAccount] {
        (0..<count).map { _ in DueAccount(AccountKey(orgID: orgID ?? .new(), accountID: .new()), urgency) }
    }
}
