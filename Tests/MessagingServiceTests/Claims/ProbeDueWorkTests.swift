import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What became due without anybody saying so is found by a look.
@Suite(.messaging, .timeLimit(.minutes(5))) struct ProbeDueWorkTests {
    private let error = ProviderError(code: "timeout", detail: "No answer.")

    @Test func aLookFindsOneTimeCodesAndTheRest() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send("text", to: "+15550000001")
        let account = try await fixture.flow().account
        for isFull in [false, true] {
            #expect(try await self.found(isFull, fixture) == [DueAccount(account, .ordinary)])
        }
        try await fixture.send("code", to: "+15550000002", ["category": "otp"])
        for isFull in [false, true] {
            #expect(
                try await self.found(isFull, fixture) == [DueAccount(account, .otp), DueAccount(account, .ordinary)]
            )
        }
    }

    @Test func onlyAFullLookFindsWhatIsDueForLong() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        try await fixture.rows("UPDATE outbox SET due_at = now() - interval '1 minute'")
        #expect(try await self.found(false, fixture).isEmpty)
        #expect(try await self.found(true, fixture).count == 1)
    }

    /// A look reads so many and no more; whose are behind them is found all the same, but nobody of before its time.
    @Test func whoseMessagesAreBehindManyOthersIsFound() async throws {
        let fixture = try MessagingFixture()
        let many = try await fixture.fillQueue(ProbeDueWork.mostRead)
        try await fixture.account(.twilio)
        let old = try await fixture.send("old", to: "+14155550100", ["channel": "sms"])
        try await fixture.account(.http)
        try await fixture.send("x", to: "user", ["channel": "webhook"])
        // A look goes five seconds back: on a busy machine they may be over before it comes.
        try await eventually {
            try await fixture.rows(
                """
                UPDATE outbox SET due_at = now() - CASE WHEN message_id = \(old) THEN interval '1 minute'
                    WHEN account_id = \(many.accountID) THEN interval '2 seconds' ELSE interval '0' END
                """
            )
            let found = try await self.found(false, fixture)
            return found.count == 2 && found.map(\.account).contains(many)
        }
    }

    @Test func whatCanNotBeClaimedIsNotFound() async throws {
        let fixture = try MessagingFixture(hold: .zero, conversations: .byRecipient)
        let later = Timestamp.now + .seconds(3600)
        // Held, waiting behind one in a worker's hands, scheduled, and due later.
        try await fixture.send("held", to: "+15550000001")
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.uncertain(self.error), of: lease)
        try await fixture.sweep.releaseUncertain()
        for body in ["leased", "waiting"] { try await fixture.send(body, to: "+15550000002") }
        #expect(try await fixture.leaseNow().map(\.content.body) == ["leased"])
        try await fixture.send("scheduled", to: "+15550000003", ["scheduled_at": .string("\(later)")])
        let id = try await fixture.send("later", to: "+15550000004")
        try await fixture.rows("UPDATE outbox SET due_at = now() + interval '1 hour' WHERE message_id = \(id)")
        for isFull in [false, true] { #expect(try await self.found(isFull, fixture).isEmpty) }
    }

    @Test func suspectsAndQuestionsAreFound() async throws {
        let suspect = try MessagingFixture()
        try await suspect.send()
        _ = try await suspect.leaseNow()
        try await suspect.recover(life: 2)
        for isFull in [false, true] { #expect(try await self.found(isFull, suspect).count == 1) }

        let uncertain = try MessagingFixture()
        try await uncertain.account(.twilio)
        try await uncertain.send("x", to: "+14155550100", ["channel": "sms"])
        let lease = try #require(try await uncertain.leaseNow().first)
        try await uncertain.tell(.uncertain(self.error), of: lease)
        #expect(try await self.found(true, uncertain).isEmpty)
        try await uncertain.rows("UPDATE outbox SET due_at = now()")
        for isFull in [false, true] { #expect(try await self.found(isFull, uncertain).count == 1) }
    }

    /// What is due by the clock of a sandbox is found though it is not due by the database's.
    @Test func aSandboxIsLookedAtByItsOwnClock() async throws {
        let fixture = try MessagingFixture(conversations: .byRecipient)
        let later = Timestamp.now + .seconds(3600)
        let scheduled = try await fixture.send("x", to: "+15550000001", ["scheduled_at": .string("\(later)")])
        let ready = try await fixture.send("y", to: "+15550000002")
        try await fixture.rows("UPDATE outbox SET due_at = now() + interval '1 hour'")
        #expect(try await self.found(true, fixture).isEmpty)
        let org = OrgSettingsRequest.Org(orgID: fixture.orgID, version: 1, isSandbox: true, settings: [:])
        try await fixture.rows(OrgSettingsStore.put([org]))
        try await fixture.rows("UPDATE org_settings SET clock_offset = 7200000000")
        #expect(try await self.found(true, fixture).count == 1)
        #expect(try await fixture.states(of: [scheduled, ready]) == [.ready, .ready])
        #expect(try await fixture.offerAndLease().count == 2)
    }

    @Test func theServicesWakeWhoWaits() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        _ = fixture.due.take(10)
        let account = try await fixture.flow().account
        let timers = WakeTimers(due: fixture.due, clock: ContinuousClock())
        let waking = Task { await timers.runUntilCancelled() }
        fixture.due.add([DueAccount(account, .ordinary)], at: .now + .milliseconds(50))
        #expect(try await fixture.ask(waitMilliseconds: 10_000).leases.map(\.messageID) == [id])
        waking.cancel()
        await waking.value

        let next = try await fixture.send()
        _ = fixture.due.take(10)
        let probe = fixture.probe
        let probing = Task { try await probe.run() }
        #expect(try await fixture.ask(waitMilliseconds: 10_000).leases.map(\.messageID) == [next])
        probing.cancel()
        try await probing.value
    }

    /// The accounts of the fixture's organization that a look adds to an empty walk.
    private func found(_ isFull: Bool, _ fixture: MessagingFixture) async throws -> Set<DueAccount> {
        _ = fixture.due.take(100, .urgentOnly)
        _ = fixture.due.take(100)
        if isFull { await fixture.probe.lookAtAll() } else { await fixture.probe.lookAgain() }
        let all = fixture.due.take(100, .urgentOnly) + fixture.due.take(100)
        return Set(all.filter { $0.account.orgID == fixture.orgID })
    }
}

extension WakeTimers {
    fileprivate func runUntilCancelled() async { try? await self.run() }
}
