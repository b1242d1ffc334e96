import Foundation
package import InternalAPI
package import Postgres
package import Shared

/// A message as it is handed to a worker.
package struct ClaimedMessage: Sendable {
    package let orgID: OrgID
    package let messageID: MessageID
    package let accountID: AccountID
    package let epoch: Int
    package let channel: Channel
    package let recipient: String
    package let content: MessageContent
    package let isExpired: Bool

    package var lane: Lane { Lane(orgID: self.orgID, accountID: self.accountID) }

    /// The message as its worker gets it; `time` counts from the moment at which the worker asked.
    func lease(for time: Duration) -> MessagingAPI.Lease {
        MessagingAPI.Lease(
            orgID: self.orgID,
            reference: AttemptReference(messageID: self.messageID, number: self.epoch),
            accountID: self.accountID,
            channel: self.channel,
            to: self.recipient,
            content: self.content,
            leaseMilliseconds: Int(time.milliseconds)
        )
    }
}

/// The statements on the table `outbox`.
package enum OutboxStore {
    /// Claims due messages of each lane, `otp` before `transactional` before `marketing`, in one round trip.
    ///
    /// Each class is a walk along `outbox_claimable` that stops at the limit, so its cost does not grow with the queue.
    /// A lane whose account is blocked yields nothing.
    package static func claim(
        atMost limit: Int,
        of lanes: [Lane],
        for worker: MessagingAPI.WorkerIdentity,
        leaseTime: Duration,
        on connection: isolated PostgresConnection
    ) throws -> [ClaimedMessage] {
        let results = try connection.pipeline(
            lanes.map { Self.claim(atMost: limit, of: $0, for: worker, leaseTime: leaseTime) }
        )
        return try results.joined().map { try ClaimedMessage($0) }
    }

    /// The claim of one lane.
    package static func claim(
        atMost limit: Int,
        of lane: Lane,
        for worker: MessagingAPI.WorkerIdentity,
        leaseTime: Duration
    ) -> SQL {
        """
        WITH account AS (
            SELECT FROM channel_accounts
             WHERE org_id = \(lane.orgID) AND id = \(lane.accountID)
               AND (blocked_until IS NULL OR blocked_until <= now())
        ), otp AS (
            SELECT message_id FROM outbox
             WHERE org_id = \(lane.orgID) AND account_id = \(lane.accountID) AND class = 0 AND state = 'queued'
               AND due_at <= clock_timestamp() AND EXISTS (SELECT FROM account)
             ORDER BY due_at LIMIT \(limit)::int FOR UPDATE SKIP LOCKED
        ), transactional AS (
            SELECT message_id FROM outbox
             WHERE org_id = \(lane.orgID) AND account_id = \(lane.accountID) AND class = 1 AND state = 'queued'
               AND due_at <= clock_timestamp() AND EXISTS (SELECT FROM account)
             ORDER BY due_at LIMIT \(limit)::int - (SELECT count(*) FROM otp) FOR UPDATE SKIP LOCKED
        ), marketing AS (
            SELECT message_id FROM outbox
             WHERE org_id = \(lane.orgID) AND account_id = \(lane.accountID) AND class = 2 AND state = 'queued'
               AND due_at <= clock_timestamp() AND EXISTS (SELECT FROM account)
             ORDER BY due_at
             LIMIT \(limit)::int - (SELECT count(*) FROM otp) - (SELECT count(*) FROM transactional)
               FOR UPDATE SKIP LOCKED
        ), due AS (
            SELECT * FROM otp UNION ALL SELECT * FROM transactional UNION ALL SELECT * FROM marketing
        )
        UPDATE outbox o SET
            state = 'leased', epoch = o.epoch + 1, worker = \(worker.name), incarnation = \(Int(worker.incarnation)),
            leased_at = clock_timestamp(),
            lease_until = clock_timestamp() + \(Int(leaseTime.microseconds))::bigint * interval '1 microsecond'
          FROM due JOIN messages m ON m.org_id = \(lane.orgID) AND m.id = due.message_id
         WHERE o.org_id = \(lane.orgID) AND o.message_id = due.message_id
        RETURNING o.org_id, o.message_id, o.account_id, o.epoch, m.channel, m.recipient, m.content,
                  coalesce(m.expires_at <= clock_timestamp(), false) AS is_expired
        """
    }
}

extension ClaimedMessage {
    init(_ row: Row) throws {
        let content: String = try row.get("content")
        self.init(
            orgID: try row.get("org_id"),
            messageID: try row.get("message_id"),
            accountID: try row.get("account_id"),
            epoch: try row.get("epoch"),
            channel: try row.get("channel"),
            recipient: try row.get("recipient"),
            content: try JSONDecoder().decode(MessageContent.self, from: Data(content.utf8)),
            isExpired: try row.get("is_expired")
        )
    }
}
