import Postgres
import Shared

/// The statements on the table `broadcasts`.
enum BroadcastStore {
    struct New: Sendable {
        let id: ID<Broadcast>
        let broadcast: NewBroadcast
        let content: BroadcastContent
        let accountID: AccountID
        let pace: BroadcastPace?
        let state: BroadcastState
    }

    static func insert(_ new: New, _ recipients: NewRecipients, for acting: Acting, requestID: String) -> SQL {
        let broadcast = new.broadcast
        return """
            INSERT INTO broadcasts (org_id, id, name, channel, category, account_id, content, names_template, retry_delays,
                on_uncertain, reference, metadata, audience, batch_size, interval_ms, state, scheduled_at, expires_at, actor,
                mode, request_id, recipients, duplicates, is_gathered, next_step_at)
            VALUES (\(acting.orgID), \(new.id), \(broadcast.name), \(broadcast.channel), \(broadcast.category),
                \(new.accountID), \(new.content.json.text)::json, \(new.content.namesTemplate),
                \(broadcast.retryPolicy?.milliseconds)::int[], \(broadcast.onUncertain), \(broadcast.reference),
                \(broadcast.metadata?.text)::json, \(broadcast.audience?.json.text)::json, \(new.pace?.batchSize),
                \((new.pace?.interval.milliseconds).map { Int($0) }), \(new.state), \(broadcast.scheduledAt),
                \(broadcast.expiresAt), \(acting.actor), \(acting.mode.rawValue), \(requestID), \(recipients.count),
                \(recipients.duplicates), \(broadcast.audience == nil), coalesce(\(broadcast.scheduledAt), now()))
            RETURNING *
            """
    }

    static func find(_ id: ID<Broadcast>, of orgID: OrgID) -> SQL {
        "SELECT * FROM broadcasts WHERE org_id = \(orgID) AND id = \(id)"
    }

    static func lock(_ id: ID<Broadcast>, of orgID: OrgID) -> SQL {
        "SELECT * FROM broadcasts WHERE org_id = \(orgID) AND id = \(id) FOR UPDATE"
    }

    /// One page, newest first.
    static func list(of orgID: OrgID, states: [BroadcastState]?, before cursor: ID<Broadcast>?, limit: Int) -> SQL {
        """
        SELECT * FROM broadcasts
         WHERE org_id = \(orgID) AND (\(cursor)::uuid IS NULL OR id < \(cursor))
           AND (\(states)::broadcast_state[] IS NULL OR state = ANY (\(states)))
         ORDER BY id DESC LIMIT \(limit)::int
        """
    }

    /// Where its messages stand: as `message_states` has it, but without a look at the queue for each of them.
    ///
    /// Those that are being sent are few, and are counted apart.
    static func counts(of id: ID<Broadcast>, _ orgID: OrgID) -> SQL {
        """
        WITH sending AS (
            SELECT m.status, count(*) AS count
              FROM outbox o JOIN messages m ON m.org_id = o.org_id AND m.id = o.message_id
             WHERE o.org_id = \(orgID) AND o.state = 'leased' AND m.broadcast_id = \(id) GROUP BY 1
        ), counted AS (
            SELECT status, count(*) AS count FROM messages
             WHERE org_id = \(orgID) AND broadcast_id = \(id) GROUP BY 1
            UNION ALL SELECT status, -count FROM sending
            UNION ALL SELECT 'sending', count FROM sending
        )
        SELECT status, sum(count)::bigint AS count FROM counted GROUP BY 1 HAVING sum(count) > 0
        """
    }

    /// The broadcasts whose next step is due, by the clock of their organization; to be asked as the engine's role.
    static func due(limit: Int) -> SQL {
        """
        SELECT b.org_id, b.id FROM broadcasts b LEFT JOIN org_settings s ON s.org_id = b.org_id
         WHERE b.state IN ('scheduled', 'running')
           AND b.next_step_at <= now() + CASE WHEN b.state = 'scheduled' THEN coalesce(s.clock_offset, 0) ELSE 0 END
                                         * interval '1 microsecond'
         ORDER BY b.next_step_at LIMIT \(limit)::int
        """
    }

    /// Takes a broadcast for a while, unless another replica has it or it is not at work any more; no row then.
    static func take(_ id: ID<Broadcast>, of orgID: OrgID, by replica: String) -> SQL {
        """
        UPDATE broadcasts SET
            taken_by = \(replica), taken_until = clock_timestamp() + interval '30 seconds',
            state = 'running', started_at = coalesce(started_at, clock_timestamp())
         WHERE org_id = \(orgID) AND id = \(id) AND state IN ('scheduled', 'running')
           AND (taken_until IS NULL OR taken_until < clock_timestamp() OR taken_by = \(replica))
        RETURNING *, waking_until IS NOT NULL AS is_waking
        """
    }

    /// Whether it is still where `take` found it, in the hands of the same replica; locks it.
    static func hold(_ broadcast: StoredBroadcast, by replica: String) -> SQL {
        """
        SELECT * FROM broadcasts
         WHERE org_id = \(broadcast.orgID) AND id = \(broadcast.id) AND state = 'running' AND taken_by = \(replica)
           AND cursor = \(broadcast.counts.cursor) AND gathered IS NOT DISTINCT FROM \(broadcast.gathered)
           FOR UPDATE
        """
    }

    /// Writes how far it got, and that whoever has it goes on.
    static func advance(_ broadcast: StoredBroadcast, nextStep wait: Duration = .zero) -> SQL {
        let counts = broadcast.counts
        return """
            UPDATE broadcasts SET
                recipients = \(counts.recipients), cursor = \(counts.cursor), messages = \(counts.messages),
                refused = \(counts.refused), duplicates = \(counts.duplicates), gathered = \(broadcast.gathered),
                is_gathered = \(broadcast.isGathered), finished = \(broadcast.finished), state = \(broadcast.state),
                next_step_at = clock_timestamp() + \(Int(wait.microseconds))::bigint * interval '1 microsecond',
                updated_at = clock_timestamp(), taken_until = clock_timestamp() + interval '30 seconds',
                finished_at = CASE WHEN \(broadcast.state == .done) THEN clock_timestamp() END
             WHERE org_id = \(broadcast.orgID) AND id = \(broadcast.id)
            """
    }

    /// Lets it wait before the next step, as after one that failed.
    static func putOff(_ id: ID<Broadcast>, of orgID: OrgID, by wait: Duration) -> SQL {
        """
        UPDATE broadcasts SET next_step_at = clock_timestamp() + \(Int(wait.microseconds))::bigint * interval '1 microsecond'
         WHERE org_id = \(orgID) AND id = \(id) AND state = 'running'
        """
    }

    /// Changes where it stands, by a person.
    static func move(_ broadcast: StoredBroadcast, to state: BroadcastState, waking: Bool) -> SQL {
        """
        UPDATE broadcasts SET
            state = \(state), updated_at = clock_timestamp(), taken_by = NULL, taken_until = NULL,
            next_step_at = CASE WHEN \(state == .scheduled) THEN coalesce(scheduled_at, now()) ELSE now() END,
            waking_until = CASE WHEN \(waking) THEN clock_timestamp() + interval '15 seconds' ELSE waking_until END,
            finished = CASE WHEN \(state == .running) THEN NULL ELSE finished END,
            finished_at = CASE WHEN \(state == .cancelled) THEN clock_timestamp() END
         WHERE org_id = \(broadcast.orgID) AND id = \(broadcast.id)
        RETURNING *
        """
    }

    /// Makes messages due again that were put off while their broadcast was paused; those that wait for a retry go on waiting.
    static func wake(_ id: ID<Broadcast>, of orgID: OrgID, limit: Int) -> SQL {
        """
        WITH asleep AS (
            SELECT o.message_id FROM messages m JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id
             WHERE m.org_id = \(orgID) AND m.broadcast_id = \(id) AND o.state = 'scheduled' AND o.epoch > 0
               AND o.failing_since IS NULL AND o.due_at > now() + interval '1 minute'
             LIMIT \(limit)::int FOR UPDATE OF o SKIP LOCKED
        )
        UPDATE outbox o SET due_at = now() FROM asleep
         WHERE o.org_id = \(orgID) AND o.message_id = asleep.message_id
        RETURNING 1
        """
    }

    /// Ends the waking once its time is over: a claim that still saw the pause has put off what it had by then.
    static func endWaking(_ id: ID<Broadcast>, of orgID: OrgID) -> SQL {
        """
        UPDATE broadcasts SET waking_until = NULL
         WHERE org_id = \(orgID) AND id = \(id) AND waking_until <= clock_timestamp()
        """
    }

    /// The next messages, in the order in which they were made, and whether each is still under way.
    static func standings(of broadcast: StoredBroadcast, limit: Int) -> SQL {
        """
        SELECT m.id, o.message_id IS NOT NULL AS is_open FROM (
            SELECT id FROM messages
             WHERE org_id = \(broadcast.orgID) AND broadcast_id = \(broadcast.id)
               AND (\(broadcast.finished)::uuid IS NULL OR id > \(broadcast.finished))
             ORDER BY id LIMIT \(limit)::int
          ) m LEFT JOIN outbox o ON o.org_id = \(broadcast.orgID) AND o.message_id = m.id
         ORDER BY m.id
        """
    }
}
