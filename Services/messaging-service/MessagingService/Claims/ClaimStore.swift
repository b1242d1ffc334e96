package import InternalAPI
package import Postgres
package import Shared

/// The statements of the claim.
package enum ClaimStore {
    /// What one account may give to one lease.
    package struct Share: Sendable {
        package let account: AccountKey
        package let limit: Int
        package let now: Timestamp
        package let kind: Kind
        /// Where the walk begins, of a kind that has one.
        package var front = ClaimFront.beginning

        package init(account: AccountKey, limit: Int, now: Timestamp, kind: Kind) {
            self.account = account
            self.limit = limit
            self.now = now
            self.kind = kind
        }
    }

    /// Which messages of an account are claimed.
    package enum Kind: Sendable {
        case all
        /// One-time codes only: the worker's last slots are for them.
        case urgent
        /// Those that were never tried, or were, while the account's provider recovers.
        case first, repeated
        /// Those that were in flight when a worker crashed.
        case suspect

        /// The last class that is looked at, where all that was claimed is all there was up to a front; nil where some may be left.
        var lastRank: Int? {
            switch self {
            case .all: Shared.Category.marketing.priority
            case .urgent: Shared.Category.otp.priority
            case .first, .repeated, .suspect: nil
            }
        }
    }

    /// Who claims, in which question, and for how long.
    package struct Claimant: Sendable {
        package let worker: MessagingAPI.WorkerIdentity
        package let call: Int
        package let leaseTime: Duration

        package init(worker: MessagingAPI.WorkerIdentity, call: Int, leaseTime: Duration) {
            self.worker = worker
            self.call = call
            self.leaseTime = leaseTime
        }
    }

    /// Claims due heads of lanes: `otp` before `transactional` before `marketing`.
    ///
    /// Each class is a walk along `outbox_claimable` that stops at the limit, so its cost does not grow with the queue; and begins
    /// at the front, so that it does not grow with what an open snapshot keeps of the messages that are gone.
    package static func claim(_ share: Share, for claimant: Claimant) -> SQL {
        switch share.kind {
        case .suspect: return self.claim(share, "crashes > 0", for: claimant)
        case .repeated: return self.claim(share, "crashes = 0 AND epoch > 0", for: claimant)
        case .all, .urgent, .first: break
        }
        let (orgID, accountID, now) = (share.account.orgID, share.account.accountID, share.now)
        let lastClass = share.kind == .urgent ? 0 : 2
        let mayBeRepeated = share.kind != .first
        return """
            WITH otp AS (
                SELECT message_id FROM outbox
                 WHERE org_id = \(orgID) AND account_id = \(accountID) AND class = 0 AND state = 'ready' AND crashes = 0
                   AND due_at BETWEEN \(share.front.time(of: 0)) AND \(now) AND (expires_at IS NULL OR expires_at > \(now))
                   AND (epoch = 0 OR \(mayBeRepeated)::boolean)
                 ORDER BY due_at LIMIT \(share.limit)::int FOR UPDATE SKIP LOCKED
            ), transactional AS (
                SELECT message_id FROM outbox
                 WHERE org_id = \(orgID) AND account_id = \(accountID) AND class = 1 AND state = 'ready' AND crashes = 0
                   AND due_at BETWEEN \(share.front.time(of: 1)) AND \(now) AND (expires_at IS NULL OR expires_at > \(now)) AND \(lastClass)::int >= 1
                   AND (epoch = 0 OR \(mayBeRepeated)::boolean)
                 ORDER BY due_at LIMIT \(share.limit)::int - (SELECT count(*) FROM otp) FOR UPDATE SKIP LOCKED
            ), marketing AS (
                SELECT message_id FROM outbox
                 WHERE org_id = \(orgID) AND account_id = \(accountID) AND class = 2 AND state = 'ready' AND crashes = 0
                   AND due_at BETWEEN \(share.front.time(of: 2)) AND \(now) AND (expires_at IS NULL OR expires_at > \(now)) AND \(lastClass)::int >= 2
                   AND (epoch = 0 OR \(mayBeRepeated)::boolean)
                 ORDER BY due_at
                 LIMIT \(share.limit)::int - (SELECT count(*) FROM otp) - (SELECT count(*) FROM transactional)
                   FOR UPDATE SKIP LOCKED
            ), due AS (
                SELECT * FROM otp UNION ALL SELECT * FROM transactional UNION ALL SELECT * FROM marketing
            )
            UPDATE outbox o SET
                state = 'leased', epoch = o.epoch + 1, worker = \(claimant.worker.name),
                incarnation = \(Int(claimant.worker.incarnation)), lease_call = \(claimant.call), leased_at = \(now),
                lease_until = clock_timestamp() + \(Int(claimant.leaseTime.microseconds))::bigint * interval '1 microsecond'
              FROM due WHERE o.org_id = \(orgID) AND o.message_id = due.message_id
            RETURNING o.org_id, o.message_id, o.account_id, o.class, o.epoch, o.crashes, o.due_at
            """
    }

    /// Claims the few of an account that `condition` names, each of which has an index of its own; whatever their class.
    private static func claim(_ share: Share, _ condition: SQL, for claimant: Claimant) -> SQL {
        let (orgID, accountID, now) = (share.account.orgID, share.account.accountID, share.now)
        return """
            WITH due AS (
                SELECT message_id FROM outbox
                 WHERE org_id = \(orgID) AND account_id = \(accountID) AND state = 'ready' AND \(condition)
                   AND due_at <= \(now) AND (expires_at IS NULL OR expires_at > \(now))
                 ORDER BY due_at LIMIT \(share.limit)::int FOR UPDATE SKIP LOCKED
            )
            UPDATE outbox o SET
                state = 'leased', epoch = o.epoch + 1, worker = \(claimant.worker.name),
                incarnation = \(Int(claimant.worker.incarnation)), lease_call = \(claimant.call), leased_at = \(now),
                lease_until = clock_timestamp() + \(Int(claimant.leaseTime.microseconds))::bigint * interval '1 microsecond'
              FROM due WHERE o.org_id = \(orgID) AND o.message_id = due.message_id
            RETURNING o.org_id, o.message_id, o.account_id, o.class, o.epoch, o.crashes, o.due_at
            """
    }

    /// Returns what was claimed and WhatsApp would refuse, because the customer's window is closed: nothing is left of the claim.
    static func giveBackClosed(of account: AccountKey, by claimant: Claimant, now: Timestamp) -> SQL {
        """
        UPDATE outbox o SET
            state = 'ready', epoch = o.epoch - 1, worker = NULL, incarnation = NULL, lease_call = NULL, leased_at = NULL,
            lease_until = NULL
          FROM messages m
          LEFT JOIN conversation_windows w ON w.org_id = m.org_id AND w.conversation_id = m.conversation_id
          LEFT JOIN broadcasts b ON b.org_id = m.org_id AND b.id = m.broadcast_id AND m.content IS NULL
         WHERE o.org_id = \(account.orgID) AND o.account_id = \(account.accountID) AND o.state = 'leased'
           AND o.worker = \(claimant.worker.name) AND o.incarnation = \(Int(claimant.worker.incarnation))
           AND o.lease_call = \(claimant.call)
           AND m.org_id = o.org_id AND m.id = o.message_id AND m.content -> 'template' IS NULL
           AND b.names_template IS NOT TRUE
           AND (w.last_inbound_at IS NULL OR w.last_inbound_at <= \(now - ConversationWindow.length))
        RETURNING o.org_id, o.message_id
        """
    }

    /// What claimed messages say, and to whom: read by a statement of its own, so that it is what the last edit before the claim
    /// made of them.
    static func contents(of claimed: [ClaimedRow]) -> SQL {
        """
        SELECT m.org_id, m.id, m.category, m.channel, m.recipient, m.content, m.customer_id, m.is_exempt, m.broadcast_id,
               m.parameters, m.trace_parent, b.state AS broadcast_state
          FROM unnest(\(claimed.map(\.key.orgID))::uuid[], \(claimed.map(\.key.id))::uuid[]) AS r (org_id, id)
          JOIN messages m ON m.org_id = r.org_id AND m.id = r.id
          LEFT JOIN broadcasts b ON b.org_id = m.org_id AND b.id = m.broadcast_id
        """
    }

    /// Takes the flows of accounts that nobody else claims from at this moment.
    static func takeFlows(_ accounts: [AccountKey]) -> SQL {
        """
        SELECT f.* FROM unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS k (org_id, id)
          JOIN account_flows f ON f.org_id = k.org_id AND f.account_id = k.id
         ORDER BY f.org_id, f.account_id
           FOR UPDATE OF f SKIP LOCKED
        """
    }

    /// What else decides about the claims; to be asked after the flows are taken, so that it sees what their last holders did.
    static func standings(of accounts: [AccountKey]) -> SQL {
        """
        SELECT a.org_id, a.id, a.provider,
               CASE WHEN f.max_in_flight IS NOT NULL OR f.gate <> 'open' THEN (
                   SELECT count(*) FROM outbox o
                    WHERE o.org_id = f.org_id AND o.account_id = f.account_id AND o.state = 'leased') ELSE 0 END AS in_flight,
               EXISTS (SELECT FROM outbox o WHERE o.org_id = f.org_id AND o.account_id = f.account_id
                          AND o.state = 'ready' AND o.crashes > 0
                          AND o.due_at <= now() + coalesce(s.clock_offset, 0) * interval '1 microsecond') AS has_suspects,
               coalesce(s.paused_at, e.paused_at, e.fenced_at) IS NOT NULL AS is_paused,
               s.rules, coalesce(s.sms_verified, false) OR a.provider = 'sandbox' AS may_use_sms,
               a.deleted_at IS NOT NULL AS is_deleted
          FROM unnest(\(accounts.map(\.orgID))::uuid[], \(accounts.map(\.accountID))::uuid[]) AS k (org_id, id)
          JOIN channel_accounts a ON a.org_id = k.org_id AND a.id = k.id
          JOIN account_flows f ON f.org_id = k.org_id AND f.account_id = k.id
          CROSS JOIN engine_state e
          LEFT JOIN org_settings s ON s.org_id = k.org_id
        """
    }

    /// Takes uncertain attempts of which the provider is to be asked; each is asked about again unless an answer settles it.
    static func takeLookUps(of account: AccountKey, atMost limit: Int, now: Timestamp) -> SQL {
        """
        WITH due AS (
            SELECT message_id FROM outbox
             WHERE org_id = \(account.orgID) AND account_id = \(account.accountID) AND state = 'uncertain'
               AND due_at <= \(now) AND due_at < hold_until
             ORDER BY due_at LIMIT \(limit)::int FOR UPDATE SKIP LOCKED
        )
        UPDATE outbox o SET due_at = least(o.hold_until, \(now + LookUpFindings.interval))
          FROM due JOIN messages m ON m.org_id = \(account.orgID) AND m.id = due.message_id
         WHERE o.org_id = \(account.orgID) AND o.message_id = due.message_id
        RETURNING o.org_id, o.message_id, o.account_id, o.epoch, o.checks, m.channel, m.recipient, m.content,
                  m.broadcast_id, m.parameters,
                  coalesce((SELECT a.started_at FROM attempts a
                             WHERE a.org_id = o.org_id AND a.message_id = o.message_id AND a.number = o.epoch),
                           m.created_at) AS since
        """
    }
}
