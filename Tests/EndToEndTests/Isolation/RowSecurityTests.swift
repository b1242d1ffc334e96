import Postgres
import Shared
import TestSupport
import Testing

/// Row-level security of all databases, with real rows in their tables, against whoever has a service's role.
@Suite struct RowSecurityTests {
    /// Beside the directories `unsent_messages`, `bounced_messages` and `audit_unsealed`, whose rows are taken out again soon.
    private static let directories: [(role: String, tables: Set<String>)] = [
        (
            "gateway",
            ["audit_unsealed", "erasures_due", "key_directory", "org_directory", "org_pushes", "slug_directory"]
        ),
        ("inbound", ["account_directory", "audit_unsealed", "number_directory", "inbox_orgs", "inbox_presence"]),
        ("customers", ["audit_unsealed"]),
        ("conversations", ["audit_unsealed", "org_directory"]),
        (
            "messaging",
            [
                "account_directory", "audit_unsealed", "number_directory", "workers", "engine_state", "unsent_messages",
                "bounced_messages", "replayed_journals",
            ]
        ),
    ]

    /// What a careless migration does to a table, and what must be seen of it.
    private static let mistakes: [(role: String, table: String, script: String, seen: String)] = [
        ("gateway", "api_keys", "ALTER TABLE api_keys DISABLE ROW LEVEL SECURITY", "can be read without a scope"),
        ("customers", "groups", "CREATE POLICY all_rows ON groups USING (true)", "shows another's rows, as it is"),
        ("conversations", "activities", "ALTER TABLE activities NO FORCE ROW LEVEL SECURITY", "shows its owner rows"),
        (
            "inbound", "inbox_requests", "CREATE POLICY adding ON inbox_requests FOR INSERT WITH CHECK (true)",
            "takes a row for another"
        ),
        (
            "messaging", "message_states",
            "ALTER VIEW message_states SET (security_invoker = false); ALTER VIEW message_states OWNER TO postgres",
            "shows another's rows, as it is"
        ),
        ("customers", "suppressions", "GRANT TRUNCATE ON suppressions TO customers", "is allowed"),
    ]

    @Test(.timeLimit(.minutes(5))) func nobodysRowsAreReachedUnderAnothersScope() async throws {
        try await withPlatform { platform in
            let victim = try await FilledOrg.make(on: platform, try await platform.newTenant())
            let attacker = try await platform.newTenant().get("/api/v1/org").id
            let attacks = try Self.directories.map { role, tables in
                RowAttacks(
                    role: role,
                    url: platform.settings.databases[role] ?? "",
                    directories: tables,
                    victim: try #require(OrgID(victim.id)),
                    attacker: try #require(OrgID(attacker))
                )
            }
            for attack in attacks {
                // A new table needs its rows in `FilledOrg`; some come behind the answers, as seals do.
                try await eventually { try await attack.tables().empty.isEmpty }
                #expect(try await attack.tables().filled.count >= 3, "\(attack.role)")
                let breaches = try await attack.breaches()
                #expect(breaches == [])
            }
        }
    }

    /// On a platform of its own, since it leaves every door open.
    @Test(.timeLimit(.minutes(5))) func whatIsNotProtectedIsFound() async throws {
        try await withPlatform { platform in
            let victim = try await FilledOrg.make(on: platform, try await platform.newTenant())
            for mistake in Self.mistakes {
                let attack = RowAttacks(
                    role: mistake.role,
                    url: platform.settings.databases[mistake.role] ?? "",
                    directories: Self.directories.first { $0.role == mistake.role }?.tables ?? [],
                    victim: try #require(OrgID(victim.id)),
                    attacker: .new()
                )
                #expect(try await attack.reads(of: mistake.table) == [])
                let superuser = try await PostgresConnection(attack.superuserURL)
                try await superuser.execute(script: mistake.script)
                let breaches = try await attack.breaches(of: mistake.table)
                #expect(breaches.contains { $0.contains(mistake.seen) }, "\(mistake.script): \(breaches)")
                await superuser.close()
            }
        }
    }
}
