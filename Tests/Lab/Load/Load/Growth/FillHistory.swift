import Postgres

/// Messages that were delivered long ago, with their attempts and their lines in the trail, by SQL.
struct FillHistory: Sendable {
    private static let chunk = 250_000
    /// Of one customer.
    private static let messagesEach = 100

    let lab: Lab
    let tenant: Tenant
    let messages: Int

    func callAsFunction() async throws {
        let template = try await TemplateMessage.make(self.lab, self.tenant)
        try await self.lab.settle([self.tenant])
        let people = max(1, self.messages / Self.messagesEach)
        try await FillPeople(lab: self.lab, tenant: self.tenant, count: people)()
        // Two at a time, one for each core: the tables do not wait for each other without their foreign keys.
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.fill("messages") { Self.messages(template, $0, people: people) } }
            group.addTask { try await self.fill("attempts and lines") { Self.traces(template, $0) } }
            try await group.waitForAll()
        }
        let connection = try await self.lab.database("messaging")
        for statement in ["VACUUM (ANALYZE) messages, attempts, audit_events", "CHECKPOINT"] {
            try await connection.execute(script: statement)
        }
        await connection.close()
    }

    private func fill(_ what: String, _ script: (ClosedRange<Int>) -> String) async throws {
        let connection = try await self.lab.database("messaging")
        for first in stride(from: 0, to: self.messages, by: Self.chunk) {
            try Task.checkCancellation()
            let last = min(first + Self.chunk, self.messages) - 1
            try await connection.execute(script: "SET session_replication_role = replica; " + script(first...last))
            if (last + 1).isMultiple(of: 4 * Self.chunk) {
                self.lab.progress.say("growth: \(last + 1) \(what) of history")
            }
        }
        await connection.close()
    }

    private static func messages(_ template: TemplateMessage, _ numbers: ClosedRange<Int>, people: Int) -> String {
        """
        INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id,
                              content, retry_delays, on_uncertain, attempt_count, last_attempt, provider_message_id,
                              created_at, updated_at, queued_at, sent_at, delivered_at)
        SELECT t.org_id, \(NumberedRow.id(.message, "n")), t.channel, t.category, 'delivered',
               \(NumberedRow.phone("n % \(people)")), \(NumberedRow.id(.customer, "n % \(people)")),
               \(NumberedRow.id(.conversation, "n % \(people)")), t.account_id, t.content, t.retry_delays, t.on_uncertain,
               1, 1, 'wamid.history.' || n, d.at, d.at, d.at, d.at, d.at
          FROM messages t
         CROSS JOIN generate_series(\(numbers.lowerBound), \(numbers.upperBound)) AS n
         CROSS JOIN LATERAL (SELECT now() - interval '90 days' + n * interval '500 milliseconds' AS at) AS d
         WHERE t.org_id = '\(template.orgID)' AND t.id = '\(template.id)'
        """
    }

    private static func traces(_ template: TemplateMessage, _ numbers: ClosedRange<Int>) -> String {
        let series = "generate_series(\(numbers.lowerBound), \(numbers.upperBound)) AS n"
        let (org, id) = ("'\(template.orgID)'::uuid", NumberedRow.id(.message, "n"))
        return """
            INSERT INTO attempts (org_id, message_id, number, account_id, state, worker, started_at, ended_at,
                                  provider_message_id)
            SELECT \(org), \(id), 1, '\(template.accountID)', 'delivered', 'history-1', now(), now(), 'wamid.history.' || n
              FROM \(series);
            INSERT INTO audit_events (org_id, id, at, actor, action, entity_type, entity_id)
            SELECT \(org), \(NumberedRow.id(.line, "n")), now() - interval '90 days', 'history', 'CREATED', 'message', \(id)
              FROM \(series)
            """
    }
}
