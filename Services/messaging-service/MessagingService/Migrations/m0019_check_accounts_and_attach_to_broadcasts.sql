-- The last check of each account's credentials: asked for by a person, made by a worker, since workers alone speak to providers.
CREATE TYPE check_status AS ENUM ('pending', 'ok', 'refused', 'unreachable');
CREATE TABLE account_checks (
    org_id      uuid         NOT NULL,
    account_id  uuid         NOT NULL,
    -- Another one with each check: what is told of an earlier one counts no more.
    id          uuid         NOT NULL,
    status      check_status NOT NULL DEFAULT 'pending',
    code        text         CONSTRAINT check_code_length CHECK (char_length(code) <= 200),
    detail      text         CONSTRAINT check_detail_length CHECK (char_length(detail) <= 1000),
    asked_at    timestamptz  NOT NULL DEFAULT clock_timestamp(),
    checked_at  timestamptz,
    -- A worker has it until then; after that it, or another, may take it once more.
    taken_until timestamptz,
    tries       smallint     NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, account_id),
    CONSTRAINT check_account FOREIGN KEY (org_id, account_id) REFERENCES channel_accounts (org_id, id) ON DELETE CASCADE,
    CONSTRAINT check_ended CHECK ((status = 'pending') = (checked_at IS NULL) AND (status = 'pending') = (detail IS NULL))
);
-- The engine's own, which looks for checks of every organization with each heartbeat.
CREATE INDEX account_checks_pending ON account_checks (asked_at) WHERE status = 'pending';
-- Until Postgres first counts the rows it would take the organization alone to identify one.
ALTER TABLE account_checks ALTER COLUMN org_id SET (n_distinct = 1);

ALTER TABLE account_checks ENABLE ROW LEVEL SECURITY;
ALTER TABLE account_checks FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON account_checks TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON account_checks TO messaging;
CREATE POLICY engine ON account_checks FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, account_id, status, asked_at, taken_until, tries) ON account_checks TO messaging_engine;

-- The files of a broadcast by email: stored once, and sent with each of its messages; they go with it.
CREATE TABLE broadcast_attachments (
    org_id       uuid     NOT NULL,
    broadcast_id uuid     NOT NULL,
    -- As in message_attachments, all of these.
    position     smallint NOT NULL CONSTRAINT attachment_position CHECK (position BETWEEN 0 AND 19),
    filename     text     NOT NULL CONSTRAINT attachment_filename_length CHECK (char_length(filename) BETWEEN 1 AND 200),
    content_type text     NOT NULL CONSTRAINT attachment_type_length CHECK (octet_length(content_type) BETWEEN 3 AND 127),
    content      bytea    NOT NULL CONSTRAINT attachment_content_length CHECK (octet_length(content) BETWEEN 1 AND 10485760),
    PRIMARY KEY (org_id, broadcast_id, position),
    CONSTRAINT attachment_broadcast FOREIGN KEY (org_id, broadcast_id) REFERENCES broadcasts (org_id, id) ON DELETE CASCADE
);
ALTER TABLE broadcast_attachments ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE broadcast_attachments ALTER COLUMN org_id SET (n_distinct = 1);

ALTER TABLE broadcast_attachments ENABLE ROW LEVEL SECURITY;
ALTER TABLE broadcast_attachments FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON broadcast_attachments TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT ON broadcast_attachments TO messaging;

-- Messages whose recipients' addresses take no mail for good: customer-service is told, and they go.
CREATE TABLE bounced_messages (
    org_id     uuid NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (org_id, message_id)
);
ALTER TABLE bounced_messages ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE bounced_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE bounced_messages FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON bounced_messages TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT ON bounced_messages TO messaging;
CREATE POLICY engine_reads ON bounced_messages FOR SELECT TO messaging_engine USING (true);
CREATE POLICY engine_deletes ON bounced_messages FOR DELETE TO messaging_engine USING (true);
GRANT SELECT, DELETE ON bounced_messages TO messaging_engine;
