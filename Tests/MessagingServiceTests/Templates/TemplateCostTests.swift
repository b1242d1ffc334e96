import Postgres
import Shared
import TestSupport
import Testing

@testable import MessagingService

/// What finding templates reads of an organization with 20,000 of them.
@Suite(.messaging, .timeLimit(.minutes(5))) struct TemplateCostTests {
    /// Whether Postgres has counted the rows since they came.
    @Test(arguments: [false, true]) func templatesAreFoundByTheirIndexes(areCounted: Bool) async throws {
        let fixture = try MessagingFixture()
        try await self.fill(fixture.orgID, areCounted: areCounted)
        let wishes = (0..<100).map { number in
            TemplateWish(
                .init(
                    orgID: fixture.orgID,
                    channel: .sms,
                    reference: TemplateReference(
                        code: "code \(number * 7)",
                        language: number % 2 == 0 ? "de" : nil,
                        parameters: nil,
                        components: nil
                    )
                )
            )
        }
        let page = TemplateStore.page(
            TemplateFilter(code: nil, channels: nil, language: nil),
            of: fixture.orgID,
            before: nil,
            limit: 51
        )
        let (found, closest, list) = try await fixture.postgres.transaction(for: [fixture.orgID]) { connection in
            (
                try TemplateStore.find(wishes, on: connection).count,
                try connection.explain(TemplateStore.closest(wishes)).joined(separator: "\n"),
                try connection.explain(page).joined(separator: "\n")
            )
        }
        #expect(found == 100)
        #expect(!closest.contains("Seq Scan"), "\(closest)")
        #expect(closest.contains("template_taken") && closest.contains("template_versions_pkey"), "\(closest)")
        // Of each code its two languages, and nothing of the others.
        #expect(closest.contains("rows=2.00 loops=100") || closest.contains("rows=2 loops=100"), "\(closest)")
        #expect(!list.contains("Seq Scan"), "\(list)")
        #expect(list.contains("Index Scan Backward using templates_pkey"), "\(list)")
    }

    private func fill(_ orgID: OrgID, areCounted: Bool) async throws {
        let superuser = try await PostgresConnection(TestDatabase.url(as: "postgres"))
        try await superuser.execute(
            script: """
                INSERT INTO templates (org_id, id, code, channel, language, version, created_at)
                SELECT '\(orgID)', gen_random_uuid(), 'code ' || n, 'sms', language, 2, now()
                  FROM generate_series(0, 9999) AS n, unnest('{en,de}'::text[]) AS language;
                INSERT INTO template_versions (org_id, template_id, version, content, actor, created_at)
                SELECT org_id, id, v, '{"body":"B"}', 'test', now() FROM templates, generate_series(1, 2) AS v;
                """
        )
        if areCounted { try await superuser.execute(script: "VACUUM ANALYZE") }
        await superuser.close()
    }
}
