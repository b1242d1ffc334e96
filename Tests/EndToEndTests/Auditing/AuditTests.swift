import NIOHTTP1
import Postgres
import Shared
import TestSupport
import Testing

/// One organization's trail over all services, sealed by each and compared by one call after the other.
@Suite struct AuditTests {
    @Test(.timeLimit(.minutes(5))) func whatHappensIsSealedEverywhereAndTamperingIsNamed() async throws {
        try await withPlatform { platform in
            let tenant = try await platform.newTenant()
            let person = try await ErasedPerson.live(on: platform, tenant)
            let conversations = try await tenant.get("/api/v1/conversations?customer_id=\(person.id)")
            let conversation = try #require(conversations.json["data"]?[0]?["id"]?.string)
            #expect(try await tenant.post("/api/v1/conversations/\(conversation)/close", [:]).status == 200)
            let edit = try await tenant.patch("/api/v1/customers/\(person.id)", ["language": "de", "name": "Zdenka Q"])
            #expect(edit.status == 200)
            let trail = try await tenant.get("/api/v1/audit-events?entity_id=\(person.id)")
            #expect(trail.json["data"]?[0]?["detail"]?["language"] == ["from": .null, "to": "de"])
            #expect(!trail.text.contains("Zdenka"))
            _ = try await tenant.post("/api/v1/webhook-events/replay", ["filter": ["state": "done"]])

            try await eventually { try await Self.verify(tenant).values.allSatisfy { $0.waiting == 0 } }
            let whole = try await Self.verify(tenant)
            #expect(Set(whole.keys) == ["organization", "customers", "conversations", "messages", "inbox"])
            for (part, sum) in whole {
                #expect(sum.findings == [], "\(part)")
                #expect(sum.lines > 0, "\(part)")
            }
            // Another organization has a trail of its own.
            #expect(try await Self.verify(platform.newTenant())["messages"]?.lines == 0)

            let erase = try await tenant.post("/api/v1/customers/\(person.id)/erase", [:])
            let path = try #require(erase.headers.first(name: "location"))
            try await eventually { try await tenant.get(path).json["status"]?.string == "done" }
            try await eventually { try await Self.verify(tenant).values.allSatisfy { $0.waiting == 0 } }
            let erased = try await Self.verify(tenant)
            #expect(erased["customers"]?.redacted ?? 0 > 0)
            #expect(erased.values.allSatisfy { $0.findings.isEmpty })

            for (part, role) in [
                "organization": "gateway", "customers": "customers", "conversations": "conversations",
                "messages": "messaging", "inbox": "inbound",
            ] {
                try await platform.asSuperuser(in: role) { connection in
                    try connection.execute(script: "UPDATE audit_events SET actor = 'nobody'")
                }
                let found = try await Self.verify(tenant)
                #expect(
                    found[part]?.findings.isEmpty == false
                        && found[part]?.findings.allSatisfy { $0 == "line-changed" } == true
                )
            }
        }
    }

    /// Not of what the engine does later, and of no message's creation, which is written with many others.
    @Test(.timeLimit(.minutes(5))) func everyServicesTrailSaysWhereTheRequestCameFrom() async throws {
        try await withPlatform(worker: false) { platform in
            let tenant = try await platform.newTenant()
            let account = try await tenant.newTwilioAccount()
            let customer = try await tenant.post("/api/v1/customers", ["name": "Ann"]).id
            let key = try await tenant.post("/api/v1/keys", ["name": "k", "scopes": ["messages:read"]]).id
            let line: JSONValue = ["address": "+14155550199", "channel": "sms"]
            let suppression = try await tenant.post("/api/v1/suppressions", line).id
            for id in [account, customer, key, suppression] {
                let trail = try await tenant.get("/api/v1/audit-events?entity_id=\(id)").json["data"]?.array ?? []
                #expect(!trail.isEmpty)
                for event in trail { #expect(event["detail"]?["client"] == "127.0.0.1", "\(event.text)") }
            }
            // A header that a client sets itself is not believed.
            let forged = try await tenant.send(
                .PATCH,
                "/api/v1/customers/\(customer)",
                JSONValue.object(["language": "de"]).bytes,
                ["herald-client": "10.9.8.7"]
            )
            #expect(forged.status == 200)
            let trail = try await tenant.get("/api/v1/audit-events?entity_id=\(customer)").text
            #expect(!trail.contains("10.9.8.7"))
        }
    }

    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "cursor=x", "cursor=messages", "cursor=messages:-1", "cursor=other:0",
            "cursor=messages:99999999999999999999",
            "known=messages:1:ab", "known=messages", "known=,", "limit=5",
        ]
    )
    func aWrongQuestionIsTold(query: String) async throws {
        try await withPlatform(worker: false) { platform in
            let answer = try await platform.newTenant().get("/api/v1/audit-verification?\(query)")
            #expect(answer.status == 400)
            #expect(answer.code == "invalid-query")
        }
    }

    private struct Sum {
        var findings: [String] = []
        var (lines, redacted, waiting) = (0, 0, 0)
    }

    private static func verify(_ tenant: API) async throws -> [String: Sum] {
        var sums: [String: Sum] = [:]
        var cursor: String?
        repeat {
            let query = cursor.map { "?cursor=\($0)" } ?? ""
            let answer = try await tenant.get("/api/v1/audit-verification\(query)")
            try #require(answer.status == 200, "\(answer.text)")
            let (step, part) = (answer.json, answer.json["part"]?.string ?? "")
            sums[part, default: Sum()].findings += (step["data"]?.array ?? []).compactMap { $0["kind"]?.string }
            sums[part]?.lines += step["lines"]?.int ?? 0
            sums[part]?.redacted += step["redacted"]?.int ?? 0
            sums[part]?.waiting = step["waiting"]?.int ?? 0
            cursor = step["next_cursor"]?.string
        } while cursor != nil
        return sums
    }
}

extension Platform {
    /// Does something in a service's database that its role may not.
    func asSuperuser(
        in role: String,
        _ body: @Sendable (isolated PostgresConnection) throws -> Void
    ) async throws {
        let url = (self.settings.databases[role] ?? "").replacing("user=\(role)", with: "user=postgres")
        let connection = try await PostgresConnection(url)
        try await connection.run(body)
        await connection.close()
    }
}
