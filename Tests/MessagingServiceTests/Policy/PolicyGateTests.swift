import InternalAPI
import Postgres
import Shared
import Synchronization
import TestSupport
import Testing

@testable import MessagingService

/// What a recipient does not want does not leave, and nothing leaves that nobody could be asked about.
@Suite(.messaging, .timeLimit(.minutes(5))) struct PolicyGateTests {
    @Test(arguments: [
        (CustomerAPI.PolicyBlock.optedOut, "opted-out"), (.suppressed, "suppressed"), (.notOptedIn, "not-opted-in"),
    ])
    func whatIsForbiddenAtItsCreationIsStoredAndSkipped(block: CustomerAPI.PolicyBlock, code: String) async throws {
        let policy = PlayedPolicy(.blocked(block))
        let fixture = try MessagingFixture(checkPolicy: policy.ask)
        let id = try await fixture.send()
        let shown = try #require(try await fixture.shown(id))
        #expect(shown["status"] == "skipped")
        #expect(shown["error"]?["code"]?.string == code)
        #expect(shown["next_attempt_at"] == .null)
        #expect(try await fixture.queued(id) == nil)
        #expect(try await fixture.leaseNow().isEmpty)
        #expect(policy.stages == [.creation])
        let audit = try await fixture.row(
            "SELECT actor, detail::text FROM audit_events WHERE entity_id = \(id) AND action = 'BLOCKED_BY_POLICY'"
        )
        #expect(try audit.get("actor") == "engine")
        #expect(try audit.get("detail") == #"{"code":"\#(code)"}"#)
        #expect(try await fixture.activities() == ["MESSAGE_FAILED \(code)"])
        #expect(try await fixture.timeline(of: id).contains { $0.type == "blocked" })
    }

    /// The answer to its creation says so, and says it again to a repetition.
    @Test func theAnswerIsTheSameWhenItIsRepeated() async throws {
        let policy = PlayedPolicy(.blocked(.optedOut))
        let fixture = try MessagingFixture(checkPolicy: policy.ask)
        let request = try fixture.request(#"{"to": "+15550000001", "channel": "sandbox", "body": "x"}"#, key: "k")
        let answers = [try await fixture.create([request])[0].get(), try await fixture.create([request])[0].get()]
        #expect(answers.map(\.isReplay) == [false, true])
        #expect(answers[0].body == answers[1].body)
        let body = try JSONValue(parsing: answers[0].body)
        #expect(body["status"] == "skipped")
        #expect(body["error"]?["code"] == "opted-out")
    }

    @Test func whatIsForbiddenMeanwhileIsSkippedWhenItIsLeased() async throws {
        let policy = PlayedPolicy(.allowed)
        let fixture = try MessagingFixture(conversations: .byRecipient, checkPolicy: policy.ask)
        let first = try await fixture.send("1", to: "+15550000001")
        let second = try await fixture.send("2", to: "+15550000001")
        policy.set { $0.messageID == first ? .blocked(.optedOut) : .allowed }
        // Who waited behind it goes on at once.
        #expect(try await fixture.leaseNow().map(\.reference.messageID) == [second])
        let shown = try #require(try await fixture.shown(first))
        #expect(shown["status"] == "skipped")
        #expect(shown["attempt_count"] == 0)
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 0)
        #expect(try await fixture.unsent() == [first])
    }

    /// It was counted when it was first handed over, and will never be sent.
    @Test func whatIsDeletedWhileItWaitsForAnotherTryIsCountedNoMore() async throws {
        let fixture = try MessagingFixture(checkPolicy: PlayedPolicy(.allowed).ask)
        let tomorrow = JSONValue.string("\(Timestamp.now + .seconds(86_400))")
        let tried = try await fixture.send("1", to: "+15550000001")
        let untried = try await fixture.send("2", to: "+15550000002", ["scheduled_at": tomorrow])
        let lease = try #require(try await fixture.leaseNow().first)
        let busy = ProviderError(code: "503", detail: "Busy.")
        try await fixture.tell(.failedTransiently(busy, retryAfter: nil), of: lease)
        #expect(try await fixture.status(of: tried) == .queued)
        for id in [tried, untried] { try await fixture.act(.delete, on: id) }
        #expect(try await fixture.unsent() == [tried])
    }

    @Test func whatIsTooEarlyWaitsWithoutItsPlace() async throws {
        let policy = PlayedPolicy(.allowed)
        let fixture = try MessagingFixture(conversations: .byRecipient, checkPolicy: policy.ask)
        let early = try await fixture.send("1", to: "+15550000001", ["category": "marketing"])
        let other = try await fixture.send("2", to: "+15550000001")
        let morning = Timestamp.now + .seconds(3600)
        policy.set { $0.messageID == early ? .waits(until: morning) : .allowed }
        #expect(try await fixture.leaseNow().map(\.reference.messageID) == [other])
        let row = try #require(try await fixture.queued(early))
        #expect(row.state == .scheduled)
        #expect(row.dueAt == morning)
        let shown = try #require(try await fixture.shown(early))
        #expect(shown["status"] == "queued")
        #expect(shown["next_attempt_at"]?.string == "\(morning)")
        #expect(shown["attempt_count"] == 0)
    }

    /// It does not look like one that was scheduled for then.
    @Test func whatWaitsForTheEndOfQuietHoursSaysSo() async throws {
        let policy = PlayedPolicy(.allowed)
        let fixture = try MessagingFixture(checkPolicy: policy.ask)
        let id = try await fixture.send("1", to: "+15550000001", ["category": "marketing"])
        let morning = Timestamp.now + .seconds(3600)
        policy.set { _ in .waits(until: morning) }
        #expect(try await fixture.leaseNow().isEmpty)
        let attempt = try #require(try await fixture.firstAttempt(of: id))
        #expect(attempt["outcome"] == "unused")
        #expect(attempt["error"]?["code"] == "quiet-hours")
        #expect(attempt["next_retry_at"]?.string == "\(morning)")
        let waits = try await fixture.timeline(of: id).filter { $0.type == "waiting" }
        #expect(waits.map { $0.detail["gate"] } == ["quiet-hours", "quiet-hours"])
        #expect(waits.map { $0.detail["until"]?.string } == ["\(morning)", "\(morning)"])
        // Another time, given by a person, is a schedule again; what was is not forgotten.
        try await fixture.edit(id, ["scheduled_at": .string("\(morning + .seconds(60))")])
        let since = try await fixture.timeline(of: id).filter { $0.type == "waiting" }
        #expect(since.map { $0.detail["gate"] } == ["quiet-hours", "schedule"])
        policy.set { _ in .allowed }
        try await fixture.act(.sendNow, on: id)
        let lease = try #require(try await fixture.leaseNow().first)
        try await fixture.tell(.accepted(providerMessageID: "SM1"), of: lease)
        #expect(try await fixture.shown(id)?["attempt_count"] == 1)
        #expect(try await fixture.timeline(of: id).count { $0.type == "attempt_ended" } == 1)
    }

    @Test func whileNobodyCanBeAskedNothingLeavesAndNothingIsLost() async throws {
        let policy = PlayedPolicy(.allowed)
        let fixture = try MessagingFixture(checkPolicy: policy.ask)
        let ids = Set(try await fixture.sendBatch(5))
        policy.fail(with: Problem.unavailable("customer-service"))
        #expect(try await fixture.leaseNow().isEmpty)
        for id in ids { #expect(try await fixture.status(of: id) == .queued) }
        policy.set { _ in .allowed }
        var leased: Set<MessageID> = []
        try await eventually {
            leased.formUnion(try await fixture.offerAndLease().map(\.messageID))
            return leased == ids
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM attempts") == 0)
    }

    @Test func anUnverifiedOrganizationSendsNoSMS() async throws {
        let policy = PlayedPolicy(.allowed)
        let fixture = try MessagingFixture(checkPolicy: policy.ask)
        _ = try await fixture.account(.twilio)
        let message = #"{"to": "+14155550100", "channel": "sms", "body": "x"}"#
        let verified = try await fixture.send(message)
        try await fixture.setVerified(false)
        let unverified = try await fixture.send(message)
        #expect(try await fixture.shown(unverified)?["error"]?["code"] == "org-not-verified")
        // Made while it was verified, and judged when it is sent.
        #expect(try await fixture.leaseNow().isEmpty)
        #expect(try await fixture.shown(verified)?["error"]?["code"] == "org-not-verified")
    }

    /// A customer who opted out hears that it was understood.
    @Test func theConfirmationOfAKeywordGoesWhateverItsRecipientSaid() async throws {
        let policy = PlayedPolicy(.blocked(.optedOut))
        let fixture = try MessagingFixture(checkPolicy: policy.ask)
        let account = try await fixture.account(.twilio)
        try await fixture.receive(fixture.inbound(to: account, keyword: .stop))
        #expect(try await fixture.offerAndLease().count == 1)
        #expect(policy.stages.isEmpty)
    }

    @Test func aDryRunSaysTheSame() async throws {
        for (verdict, gate, word, status) in [
            (CustomerAPI.PolicyVerdict.blocked(.optedOut), "consent", "block", "skipped"),
            (.blocked(.capped), "cap", "block", "skipped"),
            (.waits(until: Timestamp(microseconds: 1_800_000_000_000_000)), "quiet-hours", "wait", "queued"),
            (.allowed, "consent", "pass", "queued"),
        ] {
            let policy = PlayedPolicy(verdict)
            let fixture = try MessagingFixture(checkPolicy: policy.ask)
            let answer = try await fixture.dryRun(
                try fixture.request(#"{"to": "+15550000001", "channel": "sandbox", "body": "x"}"#)
            )
            #expect(answer["gates"]?.array?.first { $0["gate"]?.string == gate }?["verdict"]?.string == word)
            #expect(answer["status"]?.string == status)
            #expect(policy.stages == [.trial])
        }
    }

    /// What was counted and not sent leaves the counts, once customer-service has heard of it.
    @Test func whatWasNotSentIsTold() async throws {
        let fixture = try MessagingFixture()
        let (failed, sent, cancelled) = (try await fixture.send(), try await fixture.send(), try await fixture.send())
        let leases = try await fixture.leaseNow()
        let byID = Dictionary(uniqueKeysWithValues: leases.map { ($0.reference.messageID, $0) })
        try await fixture.tell(.rejected(.init(code: "x", detail: "x")), of: try #require(byID[failed]))
        try await fixture.tell(.accepted(providerMessageID: "p"), of: try #require(byID[sent]))
        try await fixture.tell(
            .failedTransiently(.init(code: "x", detail: "x"), retryAfter: nil),
            of: try #require(byID[cancelled])
        )
        #expect(try await fixture.unsent() == [failed])
        try await fixture.change([fixture.key(cancelled)]) { settlement, now throws(ActRefusal) in
            try settlement.cancel(now: now)
        }
        #expect(try await fixture.unsent() == [failed, cancelled])

        let told = Mutex<[CustomerAPI.CountedSend]>([])
        let isAway = Mutex(true)
        let release = ReleaseCounts(
            engine: fixture.engine,
            tell: { sends in
                if isAway.withLock({ $0 }) { throw Problem.unavailable("customer-service") }
                told.withLock { $0 += sends }
            },
            clock: ContinuousClock(),
            logger: .quiet
        )
        await #expect(throws: Problem.self) { try await release.release() }
        isAway.withLock { $0 = false }
        #expect(try await release.release() == 2)
        #expect(try await release.release() == 0)
        #expect(Set(told.withLock { $0 }.map(\.messageID)) == [failed, cancelled])
    }
}

extension MessagingFixture {
    /// The messages that left without being sent, of which customer-service is still to be told.
    fileprivate func unsent() async throws -> Set<MessageID> {
        Set(try await self.rows("SELECT message_id FROM unsent_messages").map { try $0.get("message_id") })
    }
}

extension MessagingFixture {
    fileprivate func firstAttempt(of id: MessageID) async throws -> JSONValue? {
        try await self.postgres.transaction(for: [self.orgID]) { connection in
            try MessageStore(orgID: self.orgID).attempts(of: id, on: connection).first?.json
        }
    }
}
