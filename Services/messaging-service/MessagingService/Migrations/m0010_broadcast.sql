-- One content for many recipients: a broadcast, a row for each recipient, and the messages that are made of them in steps.
CREATE TYPE broadcast_state AS ENUM ('scheduled', 'running', 'paused', 'cancelled', 'done');
CREATE TABLE broadcasts (
    org_id         uuid             NOT NULL,
    id             uuid             NOT NULL,
    name           text             NOT NULL CONSTRAINT broadcast_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    channel        channel          NOT NULL,
    category       message_category NOT NULL,
    account_id     uuid             NOT NULL,
    -- What all its messages say; with the template's text as it was at the time. json and not jsonb, as messages.content.
    content        json             NOT NULL,
    -- A template that the provider keeps, which goes at any time.
    names_template boolean          NOT NULL,
    retry_delays   integer[]        CONSTRAINT broadcast_retry_delays CHECK (cardinality(retry_delays) <= 20),
    on_uncertain   uncertain_policy NOT NULL,
    reference      text             CONSTRAINT broadcast_reference_length CHECK (char_length(reference) BETWEEN 1 AND 200),
    metadata       json             CONSTRAINT broadcast_metadata_length CHECK (octet_length(metadata::text) <= 16384),
    -- Whom it means besides the recipients it names: groups and a filter of customers, asked for when it starts. NULL: nobody.
    audience       json,
    -- How many messages are made at once, and how long after each other; NULL: as fast as can be.
    batch_size     integer          CONSTRAINT broadcast_batch CHECK (batch_size BETWEEN 1 AND 10000),
    interval_ms    bigint           CONSTRAINT broadcast_interval CHECK (interval_ms BETWEEN 100 AND 86400000),
    state          broadcast_state  NOT NULL,
    scheduled_at   timestamptz,
    expires_at     timestamptz,
    actor          text             NOT NULL,
    mode           text             NOT NULL CONSTRAINT broadcast_mode CHECK (mode IN ('live', 'test')),
    request_id     text,
    -- Rows of broadcast_recipients, whose numbers count from 1; those up to `cursor` were dealt with.
    recipients     integer          NOT NULL DEFAULT 0,
    cursor         integer          NOT NULL DEFAULT 0,
    messages       integer          NOT NULL DEFAULT 0,
    refused        integer          NOT NULL DEFAULT 0,
    -- Recipients that were named more than once, or reached at an address that another one has.
    duplicates     integer          NOT NULL DEFAULT 0,
    -- The last customer of the audience that became a row, and whether that was the last of all.
    gathered       uuid,
    is_gathered    boolean          NOT NULL,
    -- The last message that had come to an end, all before it too: see FinishBroadcasts.
    finished       uuid,
    next_step_at   timestamptz      NOT NULL,
    -- The replica that works on it, until then; another one goes on from the cursor.
    taken_by       text,
    taken_until    timestamptz,
    -- Until then messages are woken that were put off while it was paused.
    waking_until   timestamptz,
    created_at     timestamptz      NOT NULL DEFAULT now(),
    updated_at     timestamptz      NOT NULL DEFAULT now(),
    started_at     timestamptz,
    finished_at    timestamptz,
    PRIMARY KEY (org_id, id),
    CONSTRAINT broadcast_account FOREIGN KEY (org_id, account_id) REFERENCES channel_accounts (org_id, id),
    CONSTRAINT broadcast_counts CHECK (cursor <= recipients AND messages + refused <= recipients),
    CONSTRAINT broadcast_pace CHECK ((batch_size IS NULL) = (interval_ms IS NULL))
) WITH (fillfactor = 50);
-- The engine's own, which looks for broadcasts of every organization.
CREATE INDEX broadcasts_at_work ON broadcasts (next_step_at) WHERE state IN ('scheduled', 'running');

CREATE TABLE broadcast_recipients (
    org_id       uuid    NOT NULL,
    broadcast_id uuid    NOT NULL,
    number       integer NOT NULL CONSTRAINT recipient_number CHECK (number > 0),
    -- What was given; of a customer, found when the message is made.
    address      text    CONSTRAINT recipient_address_length CHECK (octet_length(address) BETWEEN 1 AND 1280),
    customer_id  uuid,
    -- What fills the template for this recipient.
    parameters   json,
    -- The message that was made; or why none was.
    message_id   uuid,
    refusal      text,
    PRIMARY KEY (org_id, broadcast_id, number),
    CONSTRAINT recipient_broadcast FOREIGN KEY (org_id, broadcast_id) REFERENCES broadcasts (org_id, id) ON DELETE CASCADE,
    CONSTRAINT recipient_outcome CHECK (message_id IS NULL OR refusal IS NULL),
    CONSTRAINT recipient_known CHECK (address IS NOT NULL OR customer_id IS NOT NULL)
) WITH (fillfactor = 80);
-- Nobody gets a broadcast twice, however often and in whatever way it names them.
CREATE UNIQUE INDEX recipient_address ON broadcast_recipients (org_id, broadcast_id, address)
    WHERE address IS NOT NULL AND refusal IS NULL;
CREATE UNIQUE INDEX recipient_customer ON broadcast_recipients (org_id, broadcast_id, customer_id)
    WHERE customer_id IS NOT NULL;
CREATE INDEX recipients_refused ON broadcast_recipients (org_id, broadcast_id, number) WHERE refusal IS NOT NULL;
CREATE INDEX recipients_of_customer ON broadcast_recipients (org_id, customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX recipients_by_message ON broadcast_recipients (org_id, message_id) WHERE message_id IS NOT NULL;

-- How fast the organization's broadcasts go that do not say it.
ALTER TABLE org_settings
    ADD COLUMN batch_size  integer,
    ADD COLUMN interval_ms bigint,
    ADD CONSTRAINT org_pace CHECK ((batch_size IS NULL) = (interval_ms IS NULL));

ALTER TABLE messages
    ADD COLUMN broadcast_id uuid,
    -- Of a message that says what its broadcast says: the values that fill it for this recipient.
    ADD COLUMN parameters json,
    ALTER COLUMN content DROP NOT NULL,
    ADD CONSTRAINT message_content CHECK (content IS NOT NULL OR broadcast_id IS NOT NULL);
CREATE INDEX messages_of_broadcast ON messages (org_id, broadcast_id, id) WHERE broadcast_id IS NOT NULL;

DROP VIEW message_states;
CREATE VIEW message_states WITH (security_invoker = true) AS
SELECT m.*, CASE WHEN o.state = 'leased' THEN 'sending'::message_status ELSE m.status END AS current_status
  FROM messages m
  LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id;
GRANT SELECT ON message_states TO messaging;

ALTER TABLE broadcasts ENABLE ROW LEVEL SECURITY;
ALTER TABLE broadcasts FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON broadcasts TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE broadcast_recipients ENABLE ROW LEVEL SECURITY;
ALTER TABLE broadcast_recipients FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON broadcast_recipients TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE ON broadcasts, broadcast_recipients TO messaging;
-- The engine looks for broadcasts at work, and sees nothing of them but when they go on.
CREATE POLICY engine_reads ON broadcasts FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, id, state, scheduled_at, next_step_at) ON broadcasts TO messaging_engine;

-- As in m0002: Postgres counts 1,000 rows of each new table, which then go; what it learned stays.
ALTER TABLE broadcasts ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE broadcast_recipients ALTER COLUMN org_id SET (n_distinct = 1);
-- A few with many recipients each: what names one alone is its number, its address, or its customer.
ALTER TABLE broadcast_recipients ALTER COLUMN broadcast_id SET (n_distinct = 10);
ALTER TABLE broadcasts NO FORCE ROW LEVEL SECURITY;
ALTER TABLE broadcast_recipients NO FORCE ROW LEVEL SECURITY;
ALTER TABLE broadcasts DROP CONSTRAINT broadcast_account;
INSERT INTO broadcasts (org_id, id, name, channel, category, account_id, content, names_template, on_uncertain, state, actor, mode,
                        recipients, is_gathered, next_step_at)
SELECT gen_random_uuid(), gen_random_uuid(), 'counted', 'sms', 'marketing', gen_random_uuid(), '{}', false, 'hold', 'running',
       'counted', 'live', 1, true, now() FROM generate_series(1, 1000) AS n;
INSERT INTO broadcast_recipients (org_id, broadcast_id, number, address, customer_id, message_id)
SELECT org_id, id, row_number() OVER (), id::text, gen_random_uuid(), gen_random_uuid() FROM broadcasts;
ANALYZE broadcasts, broadcast_recipients;
TRUNCATE broadcasts, broadcast_recipients;
ALTER TABLE broadcasts ADD CONSTRAINT broadcast_account FOREIGN KEY (org_id, account_id) REFERENCES channel_accounts (org_id, id);
ALTER TABLE broadcasts FORCE ROW LEVEL SECURITY;
ALTER TABLE broadcast_recipients FORCE ROW LEVEL SECURITY;
