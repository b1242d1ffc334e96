import CustomerService
import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

@Suite(.database(migrations: CustomerMigrations.all, role: "customers"), .timeLimit(.minutes(5)))
struct CreateOnceTests {
    /// Every create, with a body that a second time would be refused or make another one.
    private static let creates = [
        ("/customers", #"{"identities":[{"kind":"phone","value":"+14155550100"}]}"#),
        ("/customers", #"{"name":"Ann"}"#),
        ("/groups", #"{"name":"vip"}"#), ("/suppressions", #"{"address":"+14155550100","reason":"x"}"#),
        ("/customers/ID/identities", #"{"kind":"email","value":"ann@example.com"}"#),
    ]

    @Test(arguments: Self.creates)
    func theSameKeyGetsTheSameAnswerByteForByte(path: String, body: String) async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let path = path.replacing("ID", with: try await tenant.customer())
            let first = try await tenant(.POST, path, body, key: "order-17")
            #expect(first.status == 201 && first.headers.first(name: "idempotency-replayed") == nil)
            for key in ["order-17", "\"order-17\""] {
                // The order of members does not matter.
                let again = try await tenant(.POST, path, body, key: key)
                #expect(again.status == 201 && again.text == first.text)
                #expect(again.headers.first(name: "idempotency-replayed") == "true")
                #expect(again.headers.first(name: "location") == first.headers.first(name: "location"))
            }
            let other = try await tenant(.POST, path, #"{"name":"Bob"}"#, key: "order-17")
            #expect(other.status == 422 && other.code == "idempotency-key-reused")
            // The key is the organization's own, and belongs to one operation.
            #expect(try await Tenant(service)(.POST, "/groups", #"{"name":"vip"}"#, key: "order-17").status == 201)
            let elsewhere = path == "/groups" ? ("/customers", "{}") : ("/groups", #"{"name":"g"}"#)
            #expect(try await tenant(.POST, elsewhere.0, elsewhere.1, key: "order-17").status == 201)
        }
    }

    @Test func theKeyMayStandInTheBody() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let inBody = try await tenant(.POST, "/groups", #"{"name":"vip","idempotency_key":"k"}"#)
            #expect(inBody.status == 201)
            let inHeader = try await tenant(.POST, "/groups", #"{"name":"vip"}"#, key: "k")
            #expect(inHeader.text == inBody.text && inHeader.headers.first(name: "idempotency-replayed") == "true")
            let both = try await tenant(.POST, "/groups", #"{"name":"vip","idempotency_key":"other"}"#, key: "k")
            #expect(both.status == 422 && both.pointers == ["/idempotency_key"])
            let bad = try await tenant(.POST, "/groups", #"{"name":"x","idempotency_key":"a b"}"#)
            #expect(bad.status == 422 && bad.pointers == ["/idempotency_key"])
            #expect(try await tenant(.POST, "/groups", #"{"name":"x"}"#, key: "a b").code == "idempotency-key-invalid")
        }
    }

    @Test func aRefusedRequestLeavesItsKeyFree() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let refused = try await tenant(.POST, "/groups", #"{"name":""}"#, key: "k")
            let made = try await tenant(.POST, "/groups", #"{"name":"vip"}"#, key: "k")
            #expect(refused.status == 422 && made.status == 201)
        }
    }

    @Test func eightRequestsAtOnceMakeOne() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let answers = try await withThrowingTaskGroup(of: Tenant.Answer.self) { tasks in
                for _ in 1...8 {
                    tasks.addTask { try await tenant(.POST, "/customers", #"{"name":"Ann"}"#, key: "k") }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(answers.allSatisfy { $0.status == 201 })
            #expect(answers.count { $0.headers.first(name: "idempotency-replayed") == nil } == 1)
            #expect(try await tenant(.GET, "/customers").ids.count == 1)
        }
    }

    @Test func aKeyThatIsBeingWorkedOnIs409WithRetryAfter() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            let holder = TestDatabase.connection
            try await holder.execute(
                script: """
                    BEGIN;
                    SET LOCAL app.org_ids = '{\(tenant.orgID)}';
                    INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body)
                    VALUES ('\(tenant.orgID)', 'groups.create', 'held', '', 201, '');
                    """
            )
            let held = try await tenant(.POST, "/groups", #"{"name":"vip"}"#, key: "held")
            #expect(held.status == 409 && held.code == "idempotency-key-in-use")
            #expect(held.headers.first(name: "retry-after") == "1")
            try await holder.execute(script: "ROLLBACK")
            #expect(try await tenant(.POST, "/groups", #"{"name":"vip"}"#, key: "held").status == 201)
        }
    }

    /// The connection is lost in `COMMIT`: the key's row says which way it went.
    @Test(arguments: [(Proxy.Behaviour.cutAfterCommit, 201), (.cutBeforeCommit, 503)])
    func ofACommitThatNobodyHeardOfTheKeyIsAsked(behaviour: Proxy.Behaviour, status: Int) async throws {
        let proxy = try await Proxy()
        try await RunningService.run(postgres: proxy.url) { service in
            let tenant = Tenant(service)
            #expect(try await tenant(.GET, "/groups").status == 200)
            proxy.behaveOnce(behaviour)
            let first = try await tenant(.POST, "/groups", #"{"name":"vip"}"#, key: "k")
            #expect(first.status == status)
            let again = try await tenant(.POST, "/groups", #"{"name":"vip"}"#, key: "k")
            #expect(again.status == 201)
            let isReplay = again.headers.first(name: "idempotency-replayed") == "true"
            #expect(isReplay == (status == 201))
            if isReplay { #expect(again.text == first.text) }
            #expect(try await tenant(.GET, "/groups").ids.count == 1)
        }
    }

    @Test func keysGoAfterSevenDays() async throws {
        try await RunningService.run { service in
            let tenant = Tenant(service)
            for number in 0..<150 {
                #expect(
                    try await tenant(.POST, "/suppressions", #"{"address":"+14155550100"}"#, key: "\(number)").status
                        < 300
                )
            }
            let age: @Sendable (Int) async throws -> Void = { days in
                _ = try await TestDatabase.connection.transaction(for: [tenant.orgID]) { connection in
                    try connection.query(
                        "UPDATE idempotency_keys SET created_at = now() - \(days)::int * interval '1 day' WHERE org_id = \(tenant.orgID)"
                    )
                }
            }
            try await age(6)
            let kept = try await tenant(.POST, "/suppressions", #"{"address":"+14155550100"}"#, key: "7")
            #expect(kept.headers.first(name: "idempotency-replayed") == "true")
            try await age(8)
            // The hundred oldest at most; here all are of the same age.
            let new = try await tenant(.POST, "/suppressions", #"{"address":"+14155550101"}"#, key: "7")
            #expect(new.status == 201 && new.headers.first(name: "idempotency-replayed") == nil)
        }
    }
}
