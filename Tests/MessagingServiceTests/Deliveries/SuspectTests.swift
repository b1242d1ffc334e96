import InternalAPI
import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// Messages that were in flight when a worker crashed: one of them may be the cause.
@Suite(.messaging) struct SuspectTests {
    private let error = ProviderError(code: "30008", detail: "Unknown error.")

    @Test func theyGoOneAtATimeAndOnlyToWhoAsksForOne() async throws {
        let fixture = try await self.crashed(messages: 3)
        let worker = fixture.worker(life: 2)
        #expect(try await fixture.offerAndLease(suspects: 0, worker: worker).isEmpty)
        for _ in 0..<3 {
            let leases = try await fixture.offerAndLease(suspects: 1, worker: worker)
            #expect(leases.map(\.isSuspect) == [true])
            #expect(try await fixture.offerAndLease(suspects: 0, worker: worker).isEmpty)
            try await fixture.tell(.accepted(providerMessageID: "SM1"), of: leases)
        }
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
    }

    @Test func othersGoBesideThem() async throws {
        let fixture = try await self.crashed(messages: 2)
        let others = try await fixture.sendBatch(3)
        let worker = fixture.worker(life: 2)
        let first = try await fixture.offerAndLease(slots: 2, suspects: 1, worker: worker)
        #expect(first.filter(\.isSuspect).count == 1)
        #expect(first.count == 2)
        let rest = try await fixture.offerAndLease(suspects: 0, worker: worker)
        #expect(rest.allSatisfy { !$0.isSuspect })
        #expect(rest.count == 2)
        #expect(Set((first.filter { !$0.isSuspect } + rest).map(\.messageID)) == Set(others))
    }

    /// One that waits for its next attempt takes no slot from others.
    @Test func aSuspectThatIsNotDueHoldsUpNobody() async throws {
        let fixture = try await self.crashed(messages: 1)
        try await fixture.rows("UPDATE outbox SET due_at = now() + interval '1 minute'")
        let other = try await fixture.send()
        let leases = try await fixture.offerAndLease(slots: 1, worker: fixture.worker(life: 2))
        #expect(leases.map(\.messageID) == [other])
    }

    @Test func oneThatComesToAnEndIsNoSuspectAnyMore() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "retry": {"delays": ["0s"]}}"#
        )
        _ = try await fixture.leaseNow()
        try await fixture.recover(life: 2)
        let lease = try #require(try await fixture.leaseNow(worker: fixture.worker(life: 2)).first)
        try await fixture.tell(.failedTransiently(self.error, retryAfter: nil), of: lease)
        #expect(try await fixture.queued(id)?.crashes == 0)
        let again = try await fixture.offerAndLease(suspects: 0, worker: fixture.worker(life: 2))
        #expect(again.map(\.isSuspect) == [false])
    }

    @Test func theNinthCrashBeforeItLeftFailsIt() async throws {
        let fixture = try MessagingFixture()
        let id = try await fixture.send()
        for life in 1...9 {
            #expect(try await fixture.status(of: id) == .queued)
            _ = try #require(try await fixture.leaseNow(worker: fixture.worker(life: Int64(life))).first)
            try await fixture.recover(life: Int64(life + 1))
        }
        let row = try await fixture.row("SELECT status::text, error_code, error_class::text FROM messages")
        #expect(try row.get("status") == "failed")
        #expect(try row.get("error_code") == "poisonous")
        #expect(try row.get("error_class") == "permanent")
        #expect(try await fixture.count("SELECT count(*) AS count FROM dead_letters") == 1)
        #expect(try await fixture.count("SELECT count(*) AS count FROM outbox") == 0)
    }

    @Test func whatMayHaveLeftIsResentTwiceAndThenFailsToo() async throws {
        let fixture = try MessagingFixture(hold: .zero)
        let id = try await fixture.send(
            #"{"to": "+15550000001", "channel": "sandbox", "body": "x", "on_uncertain": "resend"}"#
        )
        for life in 1...3 {
            let leases = try await fixture.leaseNow(worker: fixture.worker(life: Int64(life)))
            #expect(leases.map(\.reference.number) == [life])
            try await fixture.recover(life: Int64(life + 1), uncertain: leases)
            try await fixture.sweep.releaseUncertain()
        }
        #expect(try await fixture.status(of: id) == .failed)
        #expect(try await fixture.row("SELECT error_code FROM messages").get("error_code") == "poisonous")
    }

    /// Messages that a worker had leased when it crashed.
    private func crashed(messages: Int) async throws -> MessagingFixture {
        let fixture = try MessagingFixture()
        try await fixture.sendBatch(messages)
        #expect(try await fixture.leaseNow().count == messages)
        try await fixture.recover(life: 2)
        return fixture
    }
}
