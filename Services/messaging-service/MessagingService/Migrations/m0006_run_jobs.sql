-- An act on many messages that goes on after its request was answered.
CREATE TYPE job_action AS ENUM ('cancel', 'retry', 'delete', 'send-now');
CREATE TABLE jobs (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    action      job_action  NOT NULL,
    filter      json        NOT NULL,
    actor       text        NOT NULL,
    request_id  text,
    -- Messages up to this one are looked at: what comes later is not meant.
    last_id     uuid        NOT NULL,
    -- The last one that was looked at; NULL at the beginning.
    cursor_id   uuid,
    total       bigint      NOT NULL,
    processed   bigint      NOT NULL DEFAULT 0,
    changed     bigint      NOT NULL DEFAULT 0,
    refused     bigint      NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- The replica that works on it, until then; another one goes on from the cursor.
    taken_by    text,
    taken_until timestamptz,
    PRIMARY KEY (org_id, id)
);
-- The engine's own, which looks for jobs of every organization.
CREATE INDEX jobs_running ON jobs (created_at) WHERE finished_at IS NULL;

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON jobs TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, UPDATE ON jobs TO messaging;
CREATE POLICY engine ON jobs FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, id, created_at, finished_at) ON jobs TO messaging_engine;

-- As in m0002, for the tables that are new or were rewritten: Postgres counts 1,000 rows of a new database, which then go; what it
-- learned stays. A database that has messages is counted as it is.
ALTER TABLE jobs ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE channel_accounts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE messages NO FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox NO FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE lanes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE account_flows NO FORCE ROW LEVEL SECURITY;
ALTER TABLE dead_letters NO FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs NO FORCE ROW LEVEL SECURITY;
DO $$
BEGIN
    IF EXISTS (SELECT FROM channel_accounts) OR EXISTS (SELECT FROM messages) THEN
        RETURN;
    END IF;
    INSERT INTO channel_accounts (org_id, id, channel, provider, name, credentials, settings, is_default)
    SELECT gen_random_uuid(), gen_random_uuid(), 'sandbox', 'sandbox', 'counted', '', '{}', false FROM generate_series(1, 1000);
    INSERT INTO account_flows (org_id, account_id) SELECT org_id, id FROM channel_accounts;
    INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id, content,
                          reference, retry_delays, on_uncertain, created_at, updated_at)
    SELECT org_id, gen_random_uuid(), 'sandbox', 'transactional', 'queued', 'counted', gen_random_uuid(), gen_random_uuid(), id,
           '{}', id::text, '{}', 'hold', now(), now()
      FROM channel_accounts;
    INSERT INTO outbox (org_id, message_id, account_id, channel, class, conversation_id, state, place, due_at)
    SELECT org_id, id, account_id, 'sandbox', 1, conversation_id, 'ready', 0, now() - random() * interval '1 day' FROM messages;
    INSERT INTO attempts (org_id, message_id, number, account_id, state, provider_message_id)
    SELECT org_id, id, 1, account_id, 'sent', id::text FROM messages;
    INSERT INTO lanes (org_id, conversation_id, urgent, next_place, head)
    SELECT org_id, conversation_id, false, 1, id FROM messages;
    INSERT INTO dead_letters (org_id, message_id, account_id, failed_at) SELECT org_id, id, account_id, now() FROM messages;
    INSERT INTO jobs (org_id, id, action, filter, actor, last_id, total)
    SELECT org_id, gen_random_uuid(), 'cancel', '{}', 'counted', id, 1 FROM messages;
    ANALYZE channel_accounts, account_flows, messages, outbox, attempts, lanes, dead_letters, jobs;
    TRUNCATE channel_accounts, account_flows, messages, outbox, attempts, lanes, dead_letters, jobs;
END $$;
ALTER TABLE channel_accounts FORCE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
ALTER TABLE lanes FORCE ROW LEVEL SECURITY;
ALTER TABLE account_flows FORCE ROW LEVEL SECURITY;
ALTER TABLE dead_letters FORCE ROW LEVEL SECURITY;
ALTER TABLE jobs FORCE ROW LEVEL SECURITY;
