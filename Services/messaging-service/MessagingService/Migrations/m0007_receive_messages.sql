-- Messages that customers sent, what happens in their conversations, and when they last wrote.
-- Of an inbound message `recipient` is the customer's address, as it is of an outbound one.
ALTER TABLE messages
    -- The account's own number or address, where it is known.
    ADD COLUMN own_address text CONSTRAINT message_own_address_length CHECK (octet_length(own_address) BETWEEN 1 AND 320),
    -- The message that it answers or reacts to.
    ADD COLUMN in_reply_to uuid,
    -- Where the bytes of the attachments are, in the order of `content`.
    ADD COLUMN attachment_sources json;

DROP VIEW message_states;
CREATE VIEW message_states WITH (security_invoker = true) AS
SELECT m.*, CASE WHEN o.state = 'leased' THEN 'sending'::message_status ELSE m.status END AS current_status
  FROM messages m
  LEFT JOIN outbox o ON o.org_id = m.org_id AND o.message_id = m.id;
GRANT SELECT ON message_states TO messaging;

-- Which events were stored, and as which messages: longer than any provider repeats them, and longer than the message may live.
CREATE TABLE inbound_events (
    org_id      uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    event_key   text        NOT NULL CONSTRAINT inbound_event_key_length CHECK (octet_length(event_key) BETWEEN 1 AND 400),
    message_id  uuid        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, account_id, event_key)
);
CREATE INDEX inbound_events_age ON inbound_events (received_at);

-- When a keyword of a sender was last answered: two robots must not answer each other for ever.
CREATE TABLE keyword_answers (
    org_id      uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    address     text        NOT NULL CONSTRAINT keyword_address_length CHECK (octet_length(address) BETWEEN 1 AND 320),
    keyword     text        NOT NULL CONSTRAINT keyword_name CHECK (keyword IN ('stop', 'start', 'help')),
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, account_id, address, keyword)
);
CREATE INDEX keyword_answers_age ON keyword_answers (answered_at);

-- What an organization answers to keywords in its own words, by keyword; NULL for the ordinary ones.
ALTER TABLE org_settings ADD COLUMN keyword_replies json;

-- Until when WhatsApp takes more than templates: 24 hours from the customer's last message.
CREATE TABLE conversation_windows (
    org_id          uuid        NOT NULL,
    conversation_id uuid        NOT NULL,
    account_id      uuid        NOT NULL,
    address         text        NOT NULL CONSTRAINT window_address_length CHECK (octet_length(address) BETWEEN 1 AND 320),
    last_inbound_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, conversation_id)
);
-- For a dry run, which knows no conversation.
CREATE INDEX conversation_windows_of_address ON conversation_windows (org_id, account_id, address);
-- Whether what the provider would refuse is not even tried.
ALTER TABLE account_flows ADD COLUMN enforce_window boolean NOT NULL DEFAULT false;

-- What happened in a conversation, for its timeline. No other index: they are written for each message several times, read a page
-- at a time, and removed with their message, between whose making and last change they lie.
CREATE TYPE activity_type AS ENUM ('MESSAGE_RECEIVED', 'MESSAGE_SENT', 'MESSAGE_STATUS_UPDATE', 'MESSAGE_FAILED');
CREATE TABLE activities (
    org_id          uuid          NOT NULL,
    conversation_id uuid          NOT NULL,
    -- In the order of `at`.
    id              uuid          NOT NULL,
    message_id      uuid          NOT NULL,
    at              timestamptz   NOT NULL,
    type            activity_type NOT NULL,
    actor           text          NOT NULL,
    -- The status of an update, the code of a failure.
    detail          text,
    PRIMARY KEY (org_id, conversation_id, id)
);

ALTER TABLE inbound_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbound_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON inbound_events TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE keyword_answers ENABLE ROW LEVEL SECURITY;
ALTER TABLE keyword_answers FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON keyword_answers TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE conversation_windows ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversation_windows FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON conversation_windows TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE activities ENABLE ROW LEVEL SECURITY;
ALTER TABLE activities FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON activities TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT ON inbound_events TO messaging;
GRANT SELECT, INSERT, UPDATE ON keyword_answers, conversation_windows TO messaging;
GRANT SELECT, INSERT, DELETE ON activities TO messaging;

-- The engine removes what is old, and sees nothing of it but its age.
CREATE POLICY engine_reads ON inbound_events FOR SELECT TO messaging_engine USING (true);
CREATE POLICY engine_deletes ON inbound_events FOR DELETE TO messaging_engine
    USING (received_at < now() - interval '35 days');
GRANT SELECT (received_at), DELETE ON inbound_events TO messaging_engine;
CREATE POLICY engine_reads ON keyword_answers FOR SELECT TO messaging_engine USING (true);
CREATE POLICY engine_deletes ON keyword_answers FOR DELETE TO messaging_engine
    USING (answered_at < now() - interval '1 day');
GRANT SELECT (answered_at), DELETE ON keyword_answers TO messaging_engine;

-- It looks for reports whose message was not known yet, and gives them up in the end.
CREATE INDEX provider_events_waiting ON provider_events (received_at, org_id, account_id, event_key)
    WHERE effect = 'unmatched';
CREATE POLICY engine_reads ON provider_events FOR SELECT TO messaging_engine USING (effect = 'unmatched');
CREATE POLICY engine_deletes ON provider_events FOR DELETE TO messaging_engine
    USING (effect = 'unmatched' AND received_at < now() - interval '30 days');
GRANT SELECT (org_id, account_id, event_key, effect, received_at), DELETE ON provider_events TO messaging_engine;

-- As in m0002: Postgres counts 1,000 rows of each new table, which then go; what it learned stays.
ALTER TABLE inbound_events ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE keyword_answers ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE conversation_windows ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE activities ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE inbound_events NO FORCE ROW LEVEL SECURITY;
ALTER TABLE keyword_answers NO FORCE ROW LEVEL SECURITY;
ALTER TABLE conversation_windows NO FORCE ROW LEVEL SECURITY;
ALTER TABLE activities NO FORCE ROW LEVEL SECURITY;
INSERT INTO inbound_events (org_id, account_id, event_key, message_id)
SELECT gen_random_uuid(), gen_random_uuid(), n::text, gen_random_uuid() FROM generate_series(1, 1000) AS n;
INSERT INTO keyword_answers (org_id, account_id, address, keyword, answered_at)
SELECT org_id, account_id, event_key, 'stop', received_at FROM inbound_events;
INSERT INTO conversation_windows (org_id, conversation_id, account_id, address, last_inbound_at)
SELECT org_id, message_id, account_id, event_key, received_at FROM inbound_events;
INSERT INTO activities (org_id, conversation_id, id, message_id, at, type, actor)
SELECT org_id, account_id, gen_random_uuid(), message_id, received_at, 'MESSAGE_SENT', 'engine' FROM inbound_events;
ANALYZE inbound_events, keyword_answers, conversation_windows, activities;
TRUNCATE inbound_events, keyword_answers, conversation_windows, activities;
ALTER TABLE inbound_events FORCE ROW LEVEL SECURITY;
ALTER TABLE keyword_answers FORCE ROW LEVEL SECURITY;
ALTER TABLE conversation_windows FORCE ROW LEVEL SECURITY;
ALTER TABLE activities FORCE ROW LEVEL SECURITY;
