CREATE TYPE message_direction AS ENUM ('outbound', 'inbound');
CREATE TYPE message_category AS ENUM ('otp', 'transactional', 'marketing');
CREATE TYPE message_status AS ENUM (
    'scheduled', 'queued', 'sending', 'uncertain', 'sent', 'delivered', 'read', 'failed', 'skipped', 'cancelled', 'expired'
);
CREATE TYPE uncertain_policy AS ENUM ('resend', 'hold');
CREATE TYPE failure_class AS ENUM ('throttled', 'transient', 'permanent', 'account', 'uncertain');

CREATE TABLE messages (
    org_id              uuid              NOT NULL,
    id                  uuid              NOT NULL,
    direction           message_direction NOT NULL DEFAULT 'outbound',
    channel             channel           NOT NULL,
    category            message_category  NOT NULL,
    -- 'sending' is never stored: it is what a leased outbox row makes of a message (see the view).
    status              message_status    NOT NULL CONSTRAINT message_status_stored CHECK (status <> 'sending'),
    recipient           text              NOT NULL
        CONSTRAINT message_recipient_length CHECK (octet_length(recipient) BETWEEN 1 AND 320),
    customer_id         uuid              NOT NULL,
    conversation_id     uuid              NOT NULL,
    account_id          uuid              NOT NULL,
    -- json and not jsonb: our own encoding, read back as it was written.
    content             json              NOT NULL,
    reference           text              CONSTRAINT message_reference_length CHECK (char_length(reference) BETWEEN 1 AND 200),
    metadata            json              CONSTRAINT message_metadata_length CHECK (octet_length(metadata::text) <= 16384),
    -- Milliseconds before attempts 2, 3, …
    retry_delays        integer[]         NOT NULL CONSTRAINT message_retry_delays CHECK (cardinality(retry_delays) <= 20),
    on_uncertain        uncertain_policy  NOT NULL,
    -- Attempts that count against the policy; throttled and lost ones do not.
    attempt_count       smallint          NOT NULL DEFAULT 0,
    -- The number of the latest attempt whose end is known, 0 before the first.
    last_attempt        integer           NOT NULL DEFAULT 0,
    scheduled_at        timestamptz,
    next_attempt_at     timestamptz,
    expires_at          timestamptz,
    provider_message_id text,
    error_code          text,
    error_detail        text,
    error_class         failure_class,
    created_at          timestamptz       NOT NULL,
    updated_at          timestamptz       NOT NULL,
    queued_at           timestamptz,
    sent_at             timestamptz,
    delivered_at        timestamptz,
    read_at             timestamptz,
    failed_at           timestamptz,
    PRIMARY KEY (org_id, id),
    CONSTRAINT message_account FOREIGN KEY (org_id, account_id) REFERENCES channel_accounts (org_id, id)
) WITH (fillfactor = 70);
-- No index on the status: an update of an indexed column could not be done in place (HOT).
CREATE INDEX messages_of_conversation ON messages (org_id, conversation_id, id);
CREATE INDEX messages_of_customer ON messages (org_id, customer_id, id);
CREATE INDEX messages_by_reference ON messages (org_id, reference, id) WHERE reference IS NOT NULL;

-- Holds unfinished work only: a row leaves when its message is settled.
CREATE TYPE outbox_state AS ENUM ('queued', 'leased', 'uncertain');
CREATE TABLE outbox (
    org_id      uuid         NOT NULL,
    message_id  uuid         NOT NULL,
    account_id  uuid         NOT NULL,
    -- 0 otp, 1 transactional, 2 marketing.
    class       smallint     NOT NULL CONSTRAINT outbox_class CHECK (class BETWEEN 0 AND 2),
    due_at      timestamptz  NOT NULL,
    state       outbox_state NOT NULL DEFAULT 'queued',
    -- The number of the latest attempt: each lease makes a new one, which fences the ones before it.
    epoch       integer      NOT NULL DEFAULT 0,
    worker      text,
    incarnation bigint,
    leased_at   timestamptz,
    lease_until timestamptz,
    PRIMARY KEY (org_id, message_id),
    CONSTRAINT outbox_message FOREIGN KEY (org_id, message_id) REFERENCES messages (org_id, id) ON DELETE CASCADE,
    CONSTRAINT outbox_lease CHECK (
        (state = 'leased') = (worker IS NOT NULL AND incarnation IS NOT NULL AND leased_at IS NOT NULL AND lease_until IS NOT NULL)
    )
) WITH (
    fillfactor = 70,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX outbox_claimable ON outbox (org_id, account_id, class, due_at) WHERE state = 'queued';
-- The engine's own, which look for work of every organization.
CREATE INDEX outbox_due ON outbox (due_at) INCLUDE (org_id, account_id) WHERE state = 'queued';
CREATE INDEX outbox_leased ON outbox (lease_until) WHERE state = 'leased';
CREATE INDEX outbox_uncertain ON outbox (due_at) WHERE state = 'uncertain';

-- A message as its sender sees it: the stored status, and what the outbox makes of it at this moment.
CREATE VIEW message_states WITH (security_invoker = true) AS
SELECT m.*,
       CASE
           WHEN o.state = 'leased' THEN 'sending'::message_status
           WHEN m.status = 'scheduled' AND o.due_at <= now() THEN 'queued'::message_status
           ELSE m.status
       END AS current_status
  FROM messages m
  LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id;

CREATE TYPE attempt_state AS ENUM ('lost', 'uncertain', 'sent', 'failed', 'delivered', 'read');
CREATE TABLE attempts (
    org_id              uuid          NOT NULL,
    message_id          uuid          NOT NULL,
    number              integer       NOT NULL CONSTRAINT attempt_number CHECK (number > 0),
    account_id          uuid          NOT NULL,
    state               attempt_state NOT NULL,
    worker              text,
    started_at          timestamptz,
    ended_at            timestamptz,
    provider_message_id text,
    error_code          text,
    error_detail        text,
    error_class         failure_class,
    provider_response   text          CONSTRAINT attempt_response_length CHECK (octet_length(provider_response) <= 4096),
    -- When the next attempt was planned for, if this one led to one.
    retry_at            timestamptz,
    recorded_at         timestamptz   NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, message_id, number),
    CONSTRAINT attempt_message FOREIGN KEY (org_id, message_id) REFERENCES messages (org_id, id) ON DELETE CASCADE
);
CREATE INDEX attempts_by_provider_id ON attempts (org_id, account_id, provider_message_id)
    WHERE provider_message_id IS NOT NULL;

-- Everything a provider reported, once for each event.
CREATE TYPE report_effect AS ENUM ('applied', 'ignored', 'unmatched');
CREATE TABLE provider_events (
    org_id              uuid          NOT NULL,
    account_id          uuid          NOT NULL,
    event_key           text          NOT NULL CONSTRAINT event_key_length CHECK (octet_length(event_key) BETWEEN 1 AND 400),
    message_id          uuid,
    attempt             integer,
    provider_message_id text,
    -- The report as we understood it.
    report              json          NOT NULL,
    effect              report_effect NOT NULL,
    -- Why it was ignored, or the status it led to.
    effect_detail       text,
    occurred_at         timestamptz,
    received_at         timestamptz   NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, account_id, event_key)
);
CREATE INDEX provider_events_of_message ON provider_events (org_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX provider_events_unmatched ON provider_events (org_id, account_id, provider_message_id)
    WHERE effect = 'unmatched';

CREATE TABLE idempotency_keys (
    org_id      uuid        NOT NULL,
    operation   text        NOT NULL,
    key         text        NOT NULL CONSTRAINT idempotency_key_length CHECK (octet_length(key) BETWEEN 1 AND 255),
    -- A keyed hash of the request, so that the same key with another request is noticed.
    fingerprint bytea       NOT NULL,
    status      smallint    NOT NULL,
    body        bytea       NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE audit_events (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    at          timestamptz NOT NULL DEFAULT now(),
    actor       text        NOT NULL,
    action      text        NOT NULL,
    entity_type text        NOT NULL,
    entity_id   uuid        NOT NULL,
    request_id  text,
    detail      json,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX audit_events_of_entity ON audit_events (org_id, entity_id, id);

-- Who is alive to send; belongs to no organization.
CREATE TABLE workers (
    name        text        PRIMARY KEY,
    incarnation bigint      NOT NULL,
    beat_at     timestamptz NOT NULL
);

-- Until Postgres first counts the rows, a minute or so after they come, it takes the organization alone to identify a row,
-- and reads all rows of one to find each. So it is told otherwise, and counts 1,000 rows, which then go: what it learned stays.
ALTER TABLE channel_accounts ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE messages ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE outbox ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE attempts ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE provider_events ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE idempotency_keys ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE audit_events ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE channel_accounts NO FORCE ROW LEVEL SECURITY;
INSERT INTO channel_accounts (org_id, id, channel, provider, name, credentials, settings, is_default)
SELECT gen_random_uuid(), gen_random_uuid(), 'sandbox', 'sandbox', 'counted', '', '{}', false FROM generate_series(1, 1000);
INSERT INTO messages (org_id, id, channel, category, status, recipient, customer_id, conversation_id, account_id, content,
                      reference, retry_delays, on_uncertain, created_at, updated_at)
SELECT org_id, gen_random_uuid(), 'sandbox', 'transactional', 'queued', 'counted', gen_random_uuid(), gen_random_uuid(), id, '{}',
       id::text, '{}', 'hold', now(), now()
  FROM channel_accounts;
INSERT INTO outbox (org_id, message_id, account_id, class, due_at)
SELECT org_id, id, account_id, 1, now() - random() * interval '1 day' FROM messages;
INSERT INTO attempts (org_id, message_id, number, account_id, state, provider_message_id)
SELECT org_id, id, 1, account_id, 'sent', id::text FROM messages;
INSERT INTO provider_events (org_id, account_id, event_key, message_id, provider_message_id, report, effect)
SELECT org_id, account_id, id::text, id, id::text, '{}', 'applied' FROM messages;
INSERT INTO idempotency_keys (org_id, operation, key, fingerprint, status, body)
SELECT org_id, 'messages.create', id::text, '', 202, '' FROM messages;
INSERT INTO audit_events (org_id, id, actor, action, entity_type, entity_id)
SELECT org_id, gen_random_uuid(), 'engine', 'CREATED', 'message', id FROM messages;
ANALYZE channel_accounts, messages, outbox, attempts, provider_events, idempotency_keys, audit_events;
TRUNCATE channel_accounts, messages, outbox, attempts, provider_events, idempotency_keys, audit_events;
ALTER TABLE channel_accounts FORCE ROW LEVEL SECURITY;
