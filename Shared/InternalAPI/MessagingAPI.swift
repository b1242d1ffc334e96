/// The client of messaging-service for the worker and the inbound gateway.
///
/// What tenants may ask is forwarded to it by the api-gateway without being decoded: see `InternalClient.forward`.
package struct MessagingAPI: Sendable {
    let client: InternalClient

    package init(client: InternalClient) {
        self.client = client
    }

    /// Waits until something is due, and takes it: `POST /internal/leases`.
    ///
    /// Never repeated by itself: what a lost answer held comes back when the lease ends.
    package func lease(_ request: LeaseRequest) async throws -> LeaseAnswer {
        try await self.client.post(
            "/internal/leases",
            request,
            deadline: .milliseconds(request.waitMilliseconds) + .seconds(5)
        )
    }

    /// Tells what became of leases: `POST /internal/outcomes`.
    ///
    /// Repeating it changes nothing: an outcome is stored once for each attempt.
    package func report(_ told: OutcomeRequest) async throws {
        let _: Accepted = try await self.client.post(
            "/internal/outcomes",
            told,
            repeatable: true,
            deadline: .seconds(10)
        )
    }

    /// Settles what the life before this one had leased: `POST /internal/workers/recover`.
    ///
    /// Repeating it changes nothing: what is settled is no longer that life's.
    package func recover(_ request: RecoveryRequest) async throws {
        let _: Accepted = try await self.client.post(
            "/internal/workers/recover",
            request,
            repeatable: true,
            deadline: .seconds(10)
        )
    }

    /// Says that the worker lives: `POST /internal/heartbeats`.
    package func heartbeat(_ beat: HeartbeatRequest) async throws -> HeartbeatAnswer {
        try await self.client.post(
            "/internal/heartbeats",
            beat,
            repeatable: true,
            deadline: .seconds(2)
        )
    }

    /// Tells a restored database what it may have forgotten: `POST /internal/workers/replay`.
    ///
    /// Repeating it changes nothing: what is known of an attempt stays known.
    package func replay(_ request: ReplayRequest) async throws {
        let _: Accepted = try await self.client.post(
            "/internal/workers/replay",
            request,
            repeatable: true,
            deadline: .seconds(10)
        )
    }

    /// Passes on what providers said: `POST /internal/reports`.
    ///
    /// Repeating it changes nothing: a report is stored once for each event key.
    /// - Returns: what became of each report, in their order.
    package func apply(_ reports: [AccountReport]) async throws -> ReportAnswer {
        try await self.client.post("/internal/reports", ReportRequest(reports: reports), repeatable: true)
    }

    /// Finds what verifies an account's webhooks: `POST /internal/webhook-accounts/find`.
    ///
    /// - Returns: nil when there is no such account.
    package func webhookAccount(_ query: WebhookAccountQuery) async throws -> WebhookAccount? {
        let answer: WebhookAccountAnswer = try await self.client.post(
            "/internal/webhook-accounts/find",
            query,
            repeatable: true,
            deadline: .seconds(2)
        )
        return answer.account
    }

    /// The empty answer of a call that only has an effect.
    package struct Accepted: Codable, Sendable {
        package init() {}
    }
}
