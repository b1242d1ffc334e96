import InternalAPI
import Postgres
import Shared

/// Returns to the queue what was leased in answers that a live worker says it never got.
///
/// It asks one question at a time and names the last answer that arrived, so whatever later questions leased is known
/// nowhere but here: it has not left.
struct GiveBackUnreceived: Sendable {
    /// Sees the outbox of every organization, and nothing but its ids and times.
    let engine: PostgresPool
    let settle: SettleMessages

    func callAsFunction(_ request: MessagingAPI.LeaseRequest) async throws {
        guard request.received < request.call - 1 else { return }
        let rows = try await self.engine.run { connection in
            try connection.query(
                """
                SELECT org_id, message_id, epoch FROM outbox
                 WHERE state = 'leased' AND worker = \(request.worker.name)
                   AND incarnation = \(Int(request.worker.incarnation))
                   AND lease_call > \(request.received) AND lease_call < \(request.call)
                """
            )
        }
        try await self.settle(
            try rows.map { row in
                AttemptEvent(
                    MessagingAPI.AttemptKey(
                        orgID: try row.get("org_id"),
                        reference: AttemptReference(messageID: try row.get("message_id"), number: try row.get("epoch"))
                    ),
                    unused: .givenBack,
                    because: ProviderError(code: "answer-lost", detail: "The worker never got it; nothing left.")
                )
            }
        )
    }
}

extension AttemptEvent {
    /// Nothing of the attempt left.
    init(_ attempt: MessagingAPI.AttemptKey, unused source: Source, because error: ProviderError) {
        self.init(
            orgID: attempt.orgID,
            reference: attempt.reference,
            event: DeliveryEvent(.unused, error: error),
            source: source
        )
    }
}
