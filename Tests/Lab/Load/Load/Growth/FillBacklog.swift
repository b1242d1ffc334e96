import Postgres

/// Messages of an organization that wait to be sent, each to a customer of its own, by SQL.
struct FillBacklog: Sendable {
    private static let chunk = 100_000

    let lab: Lab
    let tenant: Tenant
    let messages: Int

    /// Nothing may be sent meanwhile.
    func callAsFunction() async throws {
        let template = try await TemplateMessage.make(self.lab, self.tenant)
        try await FillPeople(lab: self.lab, tenant: self.tenant, count: self.messages)()
        let connection = try await self.lab.database("messaging")
        for first in stride(from: 0, to: self.messages, by: Self.chunk) {
            try Task.checkCancellation()
            let last = min(first + Self.chunk, self.messages) - 1
            try await connection.execute(script: Self.script(template, first...last))
        }
        try await connection.execute(script: "VACUUM (ANALYZE) messages, outbox, lanes")
        // Else the disk is given them in the minute that is measured, and all commits of half a second wait for it.
        try await connection.execute(script: "CHECKPOINT")
        await connection.close()
    }

    /// What has not been sent yet.
    func left() async throws -> Int {
        let connection = try await self.lab.database("messaging")
        let rows = try await connection.query(
            "SELECT count(*) AS left FROM outbox WHERE org_id = \(self.tenant.id)::uuid"
        )
        await connection.close()
        return try rows.first?.get("left", as: Int.self) ?? 0
    }

    /// Takes away what has not been sent, in the moment in which nothing of it is under way.
    func remove() async throws {
        try await self.lab.pause()
        let connection = try await self.lab.database("messaging")
        try await connection.execute(
            script: """
                DELETE FROM outbox WHERE org_id = '\(self.tenant.id)' AND state = 'ready';
                DELETE FROM lanes l WHERE org_id = '\(self.tenant.id)' AND NOT EXISTS (
                    SELECT FROM outbox o WHERE o.org_id = l.org_id AND o.message_id = l.head)
                """
        )
        try await connection.execute(script: "VACUUM (ANALYZE) outbox, lanes")
        await connection.close()
        try await self.lab.resume()
        try await self.lab.settle([self.tenant])
    }

    private static func script(_ template: TemplateMessage, _ numbers: ClosedRange<Int>) -> String {
        let (id, customer) = (NumberedRow.id(.message, "n"), NumberedRow.id(.customer, "n"))
        let conversation = NumberedRow.id(.conversation, "n")
        let series = "generate_series(\(numbers.lowerBound), \(numbers.upperBound)) AS n"
        let org = "'\(template.orgID)'::uuid"
        return """
            SET session_replication_role = replica;
            INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
                                  content, retry_delays, on_uncertain, created_at, updated_at, queued_at)
            SELECT t.org_id, \(id), t.channel, 'marketing', 'queued', \(NumberedRow.phone("n")), \(customer), \(conversation),
                   t.account_id, t.content, t.retry_delays, t.on_uncertain, now(), now(), now()
              FROM messages t CROSS JOIN \(series) WHERE t.org_id = \(org) AND t.id = '\(template.id)';
            INSERT INTO lanes (org_id, conversation_id, urgent, next_place, head)
            SELECT \(org), \(conversation), false, 1, \(id) FROM \(series);
            INSERT INTO outbox (org_id, message_id, account_id, class, due_at, state, conversation_id, channel, place)
            SELECT \(org), \(id), '\(template.accountID)', 2, now(), 'ready', \(conversation), 'whatsapp', 0 FROM \(series)
            """
    }
}
