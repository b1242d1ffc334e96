-- The engine's second form: lanes, account gates, exact recovery. Rows of the first form are taken over.

ALTER TYPE attempt_state ADD VALUE 'unused' BEFORE 'uncertain';

-- What an organization decides about the engine; written by the api-gateway's pushes, and by its pauses and its clock.
CREATE TABLE org_settings (
    org_id           uuid    PRIMARY KEY,
    -- The greatest that was pushed: an older one that arrives late changes nothing.
    version          bigint  NOT NULL DEFAULT 0,
    sandbox          boolean NOT NULL DEFAULT false,
    -- Milliseconds before attempts 2, 3, …; NULL for the platform's default.
    retry_delays     integer[]
        CONSTRAINT org_retry_delays CHECK (cardinality(retry_delays) <= 20),
    retention_days   integer CONSTRAINT org_retention_days CHECK (retention_days BETWEEN 1 AND 3650),
    retention_action text    NOT NULL DEFAULT 'remove'
        CONSTRAINT org_retention_action CHECK (retention_action IN ('remove', 'archive')),
    paused_at        timestamptz,
    paused_by        text,
    -- How far the organization's clock is ahead; only a sandbox has one that can be moved, and only forward.
    -- In microseconds.
    clock_offset     bigint NOT NULL DEFAULT 0
        CONSTRAINT org_clock CHECK (clock_offset >= 0 AND (sandbox OR clock_offset = 0))
);

-- What is decided for the whole platform.
CREATE TABLE engine_state (
    is_only    boolean PRIMARY KEY DEFAULT true CONSTRAINT engine_state_once CHECK (is_only),
    paused_at  timestamptz,
    paused_by  text,
    restart_at timestamptz
);
INSERT INTO engine_state DEFAULT VALUES;

-- Whether and how fast an account may send.
CREATE TYPE flow_gate AS ENUM ('open', 'parked', 'outage', 'recovering');
CREATE TABLE account_flows (
    org_id           uuid    NOT NULL,
    account_id       uuid    NOT NULL,
    -- Messages a second, and at once; NULL is without a limit.
    rate             double precision CONSTRAINT flow_rate CHECK (rate > 0),
    burst            double precision CONSTRAINT flow_burst CHECK (burst >= 1),
    max_in_flight    integer CONSTRAINT flow_in_flight CHECK (max_in_flight > 0),
    pair_interval_ms integer NOT NULL DEFAULT 0 CONSTRAINT flow_pair_interval CHECK (pair_interval_ms >= 0),
    -- How long a message that waits for its next attempt holds up those behind it.
    order_patience_ms bigint NOT NULL DEFAULT 120000 CONSTRAINT flow_order_patience CHECK (order_patience_ms >= 0),
    retry_delays     integer[] CONSTRAINT flow_retry_delays CHECK (cardinality(retry_delays) <= 20),
    -- What was in the bucket at that time.
    tokens           double precision NOT NULL DEFAULT 1,
    refilled_at      timestamptz NOT NULL DEFAULT 'epoch',
    gate             flow_gate NOT NULL DEFAULT 'open',
    gate_since       timestamptz,
    -- 'provider', or the actor who parked it: then nothing resumes it but a person.
    gate_by          text,
    gate_reason      text,
    -- When the next message may try whether the gate can be opened, and how many tried.
    probe_at         timestamptz,
    probes           integer NOT NULL DEFAULT 0,
    -- Attempts in a row that failed as in an outage.
    failures         integer NOT NULL DEFAULT 0,
    -- In 'recovering': how many may be in flight, and how many of them may be repetitions.
    ramp             double precision NOT NULL DEFAULT 0,
    retry_credit     double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT flow_account FOREIGN KEY (org_id, account_id) REFERENCES channel_accounts (org_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);

-- The order of a conversation, once for one-time codes and once for all else.
CREATE TABLE lanes (
    org_id          uuid    NOT NULL,
    conversation_id uuid    NOT NULL,
    urgent          boolean NOT NULL,
    next_place      bigint  NOT NULL DEFAULT 0,
    -- The message that is first, and that alone may be sent.
    head            uuid,
    -- How many stand behind it.
    waiting         integer NOT NULL DEFAULT 0 CONSTRAINT lane_waiting CHECK (waiting >= 0 AND (head IS NOT NULL OR waiting = 0)),
    -- Before then the recipient gets nothing more of this lane.
    free_at         timestamptz,
    PRIMARY KEY (org_id, conversation_id, urgent)
) WITH (fillfactor = 70);

-- Messages that failed, so that they are found without looking at all others.
CREATE TABLE dead_letters (
    org_id     uuid        NOT NULL,
    message_id uuid        NOT NULL,
    account_id uuid        NOT NULL,
    failed_at  timestamptz NOT NULL,
    PRIMARY KEY (org_id, message_id),
    CONSTRAINT dead_letter_message FOREIGN KEY (org_id, message_id) REFERENCES messages (org_id, id) ON DELETE CASCADE
);

-- A message that waits for its next attempt and let others pass.
ALTER TABLE attempts ADD COLUMN stepped_aside boolean NOT NULL DEFAULT false;

ALTER TABLE workers
    -- The latest question of this incarnation: an older one that is still being answered brings nothing.
    ADD COLUMN last_call bigint NOT NULL DEFAULT 0,
    -- When this incarnation was first heard of, by this database's clock.
    ADD COLUMN started_at timestamptz NOT NULL DEFAULT now();

-- The owner is under the policies too, so they are lifted while rows are taken over.
ALTER TABLE messages NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE channel_accounts NO FORCE ROW LEVEL SECURITY;

-- What was lost is as uncertain as what was cut.
UPDATE attempts SET state = 'uncertain', error_class = 'uncertain' WHERE state = 'lost';

DROP VIEW message_states;
DROP INDEX outbox_claimable, outbox_due, outbox_leased, outbox_uncertain;
CREATE TYPE queue_state AS ENUM ('scheduled', 'waiting', 'ready', 'leased', 'uncertain', 'held');
ALTER TABLE outbox
    DROP CONSTRAINT outbox_lease,
    ALTER COLUMN state DROP DEFAULT,
    ALTER COLUMN state TYPE queue_state USING (
        CASE state
            WHEN 'leased' THEN 'uncertain'
            WHEN 'uncertain' THEN 'uncertain'
            ELSE CASE WHEN due_at > now() THEN 'scheduled' ELSE 'ready' END
        END::queue_state),
    ADD COLUMN conversation_id uuid,
    ADD COLUMN channel channel,
    -- Has a lane of its own, and need not wait for the rest of its conversation.
    ADD COLUMN urgent boolean GENERATED ALWAYS AS (class = 0) STORED,
    ADD COLUMN place bigint,
    ADD COLUMN expires_at timestamptz,
    -- When an uncertain message is given up to its policy; until then `due_at` is when its provider is asked again.
    ADD COLUMN hold_until timestamptz,
    -- How often its provider was asked about it without finding it.
    ADD COLUMN checks smallint NOT NULL DEFAULT 0,
    -- Since when it has been first in its lane without success.
    ADD COLUMN failing_since timestamptz,
    -- How often a worker ended without a word while it held the message.
    ADD COLUMN crashes smallint NOT NULL DEFAULT 0,
    ADD COLUMN lease_call bigint;
DROP TYPE outbox_state;
UPDATE outbox o SET
    conversation_id = m.conversation_id, channel = m.channel, expires_at = m.expires_at,
    hold_until = CASE WHEN o.state = 'uncertain' THEN now() + interval '120 seconds' END,
    due_at = CASE WHEN o.state = 'uncertain' THEN now() + interval '120 seconds' ELSE o.due_at END,
    worker = NULL, incarnation = NULL, leased_at = NULL, lease_until = NULL
  FROM messages m WHERE m.org_id = o.org_id AND m.id = o.message_id;
UPDATE outbox o SET place = p.place,
    state = CASE WHEN o.state = 'ready' AND p.place > 0 THEN 'waiting' ELSE o.state END::queue_state
  FROM (SELECT org_id, message_id, row_number() OVER (
                PARTITION BY org_id, conversation_id, urgent ORDER BY state = 'uncertain' DESC, due_at, message_id) - 1 AS place
          FROM outbox WHERE state IN ('ready', 'uncertain')) p
 WHERE o.org_id = p.org_id AND o.message_id = p.message_id;
-- Of two that may have left a lane keeps the first; a person decides about the other.
UPDATE outbox SET state = 'held', place = NULL, due_at = '9998-12-31T00:00:00Z' WHERE state = 'uncertain' AND place > 0;
UPDATE messages m SET status = 'queued' FROM outbox o
 WHERE o.org_id = m.org_id AND o.message_id = m.id AND o.state IN ('ready', 'waiting') AND m.status = 'scheduled';
UPDATE messages m SET status = 'uncertain' FROM outbox o
 WHERE o.org_id = m.org_id AND o.message_id = m.id AND o.state IN ('uncertain', 'held');
INSERT INTO lanes (org_id, conversation_id, urgent, next_place, head, waiting)
SELECT org_id, conversation_id, urgent, max(place) + 1,
       (array_agg(message_id ORDER BY state <> 'waiting' DESC, place))[1], count(*) - 1
  FROM outbox WHERE place IS NOT NULL GROUP BY org_id, conversation_id, urgent;
-- Where the first of a lane became held, the next is first.
UPDATE outbox o SET state = 'ready' FROM lanes l
 WHERE l.org_id = o.org_id AND l.head = o.message_id AND o.state = 'waiting';
INSERT INTO dead_letters (org_id, message_id, account_id, failed_at)
SELECT org_id, id, account_id, coalesce(failed_at, updated_at) FROM messages WHERE status = 'failed';
INSERT INTO account_flows (org_id, account_id, rate, burst, pair_interval_ms)
SELECT org_id, id, rate, greatest(1, rate / 10), pair
  FROM (SELECT org_id, id, coalesce((settings ->> 'rate_per_second')::double precision, CASE provider
                    WHEN 'whatsapp_cloud' THEN 80 WHEN 'twilio' THEN 1 WHEN 'smtp' THEN 10 WHEN 'sendgrid' THEN 100 END) AS rate,
               CASE WHEN provider = 'whatsapp_cloud'
                    THEN coalesce((settings ->> 'pair_interval_ms')::integer, 6000)
                    ELSE 0 END AS pair
          FROM channel_accounts) a;
-- The gate stands in account_flows now.
ALTER TABLE channel_accounts DROP COLUMN blocked_until, DROP COLUMN blocked_reason, DROP COLUMN block_count;

ALTER TABLE outbox
    ALTER COLUMN conversation_id SET NOT NULL,
    ALTER COLUMN channel SET NOT NULL,
    ADD CONSTRAINT outbox_place CHECK ((place IS NOT NULL) = (state IN ('waiting', 'ready', 'leased', 'uncertain'))),
    ADD CONSTRAINT outbox_hold CHECK ((hold_until IS NOT NULL) OR state <> 'uncertain'),
    -- A worker that ended without a word is remembered beside what it held: its journal may come back.
    ADD CONSTRAINT outbox_holder CHECK (
        (worker IS NULL) = (incarnation IS NULL) AND (worker IS NULL OR state IN ('leased', 'uncertain', 'held'))
    ),
    ADD CONSTRAINT outbox_lease CHECK (
        (state = 'leased') = (worker IS NOT NULL AND lease_call IS NOT NULL AND leased_at IS NOT NULL AND lease_until IS NOT NULL)
        AND (state = 'leased' OR (lease_call IS NULL AND leased_at IS NULL AND lease_until IS NULL))
    );
-- Two messages of one lane can not be first: here it is impossible, whatever the code does.
CREATE UNIQUE INDEX outbox_head ON outbox (org_id, conversation_id, urgent) WHERE state IN ('ready', 'leased', 'uncertain');
CREATE UNIQUE INDEX outbox_waiting ON outbox (org_id, conversation_id, urgent, place) WHERE state = 'waiting';
CREATE INDEX outbox_claimable ON outbox (org_id, account_id, class, due_at) WHERE state = 'ready' AND crashes = 0;
-- Those that were tried, for an account whose provider recovers.
CREATE INDEX outbox_repeated ON outbox (org_id, account_id, due_at) WHERE state = 'ready' AND crashes = 0 AND epoch > 0;
-- Those that were in flight when a worker crashed go one at a time.
CREATE INDEX outbox_suspect ON outbox (org_id, account_id, due_at) WHERE state = 'ready' AND crashes > 0;
CREATE INDEX outbox_unsure ON outbox (org_id, account_id, due_at) WHERE state = 'uncertain';
CREATE INDEX outbox_leased ON outbox (org_id, account_id) WHERE state = 'leased';
CREATE INDEX outbox_held_by ON outbox (worker) WHERE worker IS NOT NULL;
-- The engine's own, which look for work of every organization.
CREATE INDEX outbox_due ON outbox (due_at) INCLUDE (org_id, account_id, urgent) WHERE state IN ('ready', 'uncertain');
CREATE INDEX outbox_scheduled ON outbox (due_at) WHERE state = 'scheduled';
-- When very many are due at once, each account's part of them.
CREATE INDEX outbox_scheduled_of_account ON outbox (org_id, account_id, due_at) WHERE state = 'scheduled';
CREATE INDEX outbox_holding ON outbox (hold_until) WHERE state = 'uncertain';
CREATE INDEX outbox_expiring ON outbox (expires_at)
    WHERE expires_at IS NOT NULL AND state IN ('scheduled', 'waiting', 'ready');

-- A message as its sender sees it: the stored status, and what a lease makes of it at this moment.
CREATE VIEW message_states WITH (security_invoker = true) AS
SELECT m.*, CASE WHEN o.state = 'leased' THEN 'sending'::message_status ELSE m.status END AS current_status
  FROM messages m
  LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id;

ALTER TABLE messages FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
ALTER TABLE channel_accounts FORCE ROW LEVEL SECURITY;

ALTER TABLE org_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON org_settings TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE account_flows ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_flows FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON account_flows TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE lanes ENABLE ROW LEVEL SECURITY;
ALTER TABLE lanes FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON lanes TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE dead_letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE dead_letters FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON dead_letters TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT ON message_states TO messaging;
GRANT SELECT, INSERT, UPDATE ON org_settings TO messaging;
GRANT SELECT, INSERT, UPDATE, DELETE ON account_flows, lanes, dead_letters TO messaging;
GRANT SELECT, UPDATE ON engine_state TO messaging;

-- Which organizations' clocks are ahead, and which messages became due by them.
CREATE POLICY engine ON org_settings FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, clock_offset, paused_at) ON org_settings TO messaging_engine;
CREATE INDEX org_clocks ON org_settings (org_id) WHERE clock_offset > 0;
GRANT SELECT (channel, urgent, conversation_id, expires_at, hold_until, lease_call, crashes) ON outbox TO messaging_engine;
CREATE POLICY engine ON account_flows FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, account_id) ON account_flows TO messaging_engine;
GRANT SELECT (sandbox) ON org_settings TO messaging_engine;
CREATE INDEX lanes_waiting ON lanes (org_id, conversation_id, urgent) WHERE waiting > 0;
-- A lane in which messages wait behind nobody is a fault; the engine looks for them.
CREATE POLICY engine ON lanes FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, conversation_id, urgent, head, waiting) ON lanes TO messaging_engine;

-- As in m0002: Postgres is told how the keys are distributed before their first rows.
ALTER TABLE lanes ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE account_flows ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE dead_letters ALTER COLUMN org_id SET (n_distinct = 1);
