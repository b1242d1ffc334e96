import InternalAPI
import MessagingService
import Postgres
import Shared
import TestSupport
import Testing

/// What the database itself refuses, whatever the code asks.
@Suite(.messaging) struct TenantIsolationTests {
    private static let tables = [
        "messages", "outbox", "attempts", "provider_events", "idempotency_keys", "audit_events", "channel_accounts",
        "lanes", "account_flows", "dead_letters", "org_settings", "jobs",
        "inbound_events", "keyword_answers", "conversation_windows", "activities",
        "templates", "template_versions",
    ]

    @Test func everyTableKeepsTheHouseRules() async throws {
        let violations = try await TenantCatalog.violations(
            on: TestDatabase.connection,
            directoryTables: [
                "account_directory", "audit_unsealed", "number_directory", "workers", "engine_state",
                "replayed_journals",
            ]
        )
        #expect(violations == [])
    }

    @Test func withoutAScopeNothingCanBeRead() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let connection = TestDatabase.connection
        for table in Self.tables {
            await #expect(throws: PostgresError.self, "\(table)") {
                try await connection.readWithoutScope(table)
            }
        }
    }

    @Test func anotherOrganizationSeesNothing() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let counted = try await fixture.row(
            """
            SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM audit_events)
                 + (SELECT count(*) FROM channel_accounts) + (SELECT count(*) FROM lanes)
                 + (SELECT count(*) FROM account_flows) AS count
            """,
            as: .new()
        )
        #expect(try counted.get("count") == 0)
    }

    @Test func theEngineReadsIdsAndTimesOnly() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        let rows = try await fixture.engine.run { connection in
            try connection.query("SELECT org_id, message_id, due_at FROM outbox")
        }
        #expect(rows.count == 1)
        let lanes = try await fixture.engine.run { connection in
            try connection.query("SELECT org_id, conversation_id, urgent, head, waiting FROM lanes")
        }
        #expect(lanes.count == 1)
        for script in [
            "SELECT * FROM messages", "SELECT * FROM outbox", "SELECT body FROM idempotency_keys",
            "SELECT * FROM channel_accounts", "UPDATE outbox SET due_at = now()", "DELETE FROM outbox",
            "SELECT * FROM lanes", "UPDATE lanes SET head = NULL", "SELECT * FROM account_flows",
            "SELECT * FROM dead_letters", "SELECT retry_delays FROM org_settings",
            "UPDATE org_settings SET clock_offset = 0",
            "SELECT filter FROM jobs", "UPDATE jobs SET finished_at = now()",
            "UPDATE engine_state SET paused_at = now()",
            "SELECT message_id FROM inbound_events", "SELECT address FROM keyword_answers", "SELECT * FROM activities",
            "SELECT * FROM conversation_windows", "SELECT report FROM provider_events",
            "UPDATE provider_events SET effect = 'ignored'",
        ] {
            let connection = try await PostgresConnection(TestDatabase.url(as: "messaging_engine"))
            await #expect(throws: PostgresError.self, "\(script)") { try await connection.execute(script: script) }
            await connection.close()
        }
    }

    @Test func theAuditTrailCanOnlyGrow() async throws {
        let fixture = try MessagingFixture()
        try await fixture.send()
        for sql: SQL in ["UPDATE audit_events SET actor = 'nobody'", "DELETE FROM audit_events"] {
            await #expect(throws: PostgresError.self) { try await fixture.row(sql) }
        }
    }

    @Test func credentialsAreSealedInTheDatabase() async throws {
        let fixture = try MessagingFixture()
        let account = try NewAccount(
            try JSONValue(
                parsing: Array(
                    #"{"channel": "sms", "provider": "twilio", "name": "main", "credentials": {"account_sid": "AC1", "auth_token": "CANARY", "from": "+15550001111"}}"#
                        .utf8
                )
            )
        )
        let acting = Acting(orgID: fixture.orgID, actor: "operator", mode: .live)
        let resource = try await CreateAccount(postgres: fixture.postgres, secrets: fixture.secrets)(
            account,
            for: acting,
            requestID: "r"
        )
        #expect(!resource.json.text.contains("CANARY"))
        let row = try await fixture.row(
            "SELECT encode(credentials, 'escape') AS sealed, settings::text FROM channel_accounts"
        )
        #expect(try !row.get("sealed", as: String.self).contains("CANARY"))

        let found = try await FindWebhookAccount(postgres: fixture.postgres, secrets: fixture.secrets)(.id(resource.id))
        #expect(found?.secrets["auth_token"] == "CANARY")
        // The number too: it is by it that past messages are asked for.
        #expect(found?.secrets["from"] == "+15550001111")
    }
}
