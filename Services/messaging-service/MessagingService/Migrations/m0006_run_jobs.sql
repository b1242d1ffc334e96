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
