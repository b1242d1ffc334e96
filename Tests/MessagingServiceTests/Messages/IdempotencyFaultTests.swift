import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// Keys that are in somebody's hands, and commits of which nobody heard.
@Suite(.messaging, .timeLimit(.minutes(5))) struct IdempotencyFaultTests {
    private static let hello = #"{"to": "+15550000001", "channel": "sandbox", "body": "Hello"}"#

    @Test func aKeyThatIsBeingWorkedOnIs409WithRetryAfterAndItsNeighboursAreMade() async throws {
        let fixture = try MessagingFixture()
        let holder = TestDatabase.connection
        try await holder.execute(
            script: """
                BEGIN;
                SET LOCAL app.org_ids = '{\(fixture.orgID)}';
                INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body)
                VALUES ('\(fixture.orgID)', 'messages.create', 'held', '', 202, '');
                """
        )
        let start = ContinuousClock.now
        let results = await fixture.create([
            try fixture.request(Self.hello, key: "held"), try fixture.request(Self.hello),
        ])
        #expect(ContinuousClock.now - start >= .seconds(2))
        let problem = #expect(throws: Problem.self) { try results[0].get() }
        #expect(problem?.code == "idempotency-key-in-use" && problem?.status == 409)
        #expect(problem?.retryAfterSeconds == 1)
        #expect(throws: Never.self) { try results[1].get() }
        try await holder.execute(script: "ROLLBACK")
        let again = await fixture.create([try fixture.request(Self.hello, key: "held")])
        #expect(try again[0].get().isReplay == false)
        #expect(try await fixture.count("SELECT count(*) AS count FROM messages") == 2)
    }

    /// The connection is lost in `COMMIT`: what is there says which way it went, and nothing is written again.
    @Test(arguments: [(Proxy.Behaviour.cutAfterCommit, true), (.cutBeforeCommit, false)], ["k", nil])
    func ofACommitThatNobodyHeardOfTheDatabaseIsAsked(
        behaviour: (Proxy.Behaviour, isStored: Bool),
        key: String?
    ) async throws {
        let fixture = try MessagingFixture()
        try await fixture.send(#"{"to": "+15550000002", "channel": "sandbox", "body": "an account, and its limits"}"#)
        let proxy = try await Proxy()
        let create = CreateMessages(
            postgres: PostgresPool(try PostgresConfig.test(url: proxy.url), logger: .quiet),
            prepare: fixture.prepare,
            due: fixture.due,
            notice: OutboxNotice(replica: "test")
        )
        proxy.behaveOnce(behaviour.0)
        let results = await create([try fixture.request(Self.hello, key: key)])
        if behaviour.isStored {
            #expect(try results[0].get().isReplay == false)
        } else {
            #expect(throws: Problem.unavailable) { try results[0].get() }
        }
        #expect(
            try await fixture.count("SELECT count(*) AS count FROM messages WHERE content ->> 'body' = 'Hello'")
                == (behaviour.isStored ? 1 : 0)
        )
        let again = await create([try fixture.request(Self.hello, key: key)])
        #expect(try again[0].get().isReplay == (behaviour.isStored && key != nil))
    }
}
