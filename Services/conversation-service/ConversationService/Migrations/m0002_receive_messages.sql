-- What customers write, what people do with a conversation, and the trail of both.

ALTER TABLE conversations
    -- When the address was told: of several addresses the latest stands.
    ADD COLUMN address_at      timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN assignee        text
        CONSTRAINT conversation_assignee_length CHECK (char_length(assignee) BETWEEN 1 AND 200),
    -- Messages of the customer that were sent after `read_at`.
    ADD COLUMN unread_count    integer     NOT NULL DEFAULT 0
        CONSTRAINT conversation_unread CHECK (unread_count >= 0),
    ADD COLUMN last_inbound_at timestamptz,
    ADD COLUMN read_at         timestamptz,
    -- The latest closing, also once the conversation is open again: only a message after it opens it.
    ADD COLUMN closed_at       timestamptz,
    -- When the earliest message after that closing was sent that opened it; NULL when a person did, or nobody has.
    ADD COLUMN reopened_at     timestamptz,
    -- The order of lists: the latest message of the customer, or act of a person other than reading.
    ADD COLUMN active_at       timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT conversation_closing CHECK (status = 'open' OR closed_at IS NOT NULL);

-- The owner is under the policies too, so they are lifted while rows are taken over.
ALTER TABLE conversations NO FORCE ROW LEVEL SECURITY;
UPDATE conversations SET address_at = updated_at, active_at = updated_at;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;

CREATE INDEX conversations_by_activity ON conversations (org_id, active_at, id);
CREATE INDEX conversations_of_account ON conversations (org_id, account_id, active_at, id);
CREATE INDEX conversations_assigned ON conversations (org_id, assignee, active_at, id) WHERE assignee IS NOT NULL;
CREATE INDEX conversations_open ON conversations (org_id, active_at, id) WHERE status = 'open';
CREATE INDEX conversations_unread ON conversations (org_id, active_at, id) WHERE unread_count > 0;

-- Which inbound messages have had their effect: a repetition changes nothing. Kept for 35 days.
CREATE TABLE received_events (
    org_id          uuid        NOT NULL,
    account_id      uuid        NOT NULL,
    event_key       text        NOT NULL
        CONSTRAINT received_event_key_length CHECK (octet_length(event_key) BETWEEN 1 AND 400),
    conversation_id uuid        NOT NULL,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (org_id, account_id, event_key)
);
CREATE INDEX received_events_by_age ON received_events (org_id, received_at);

CREATE TYPE activity_type AS ENUM ('OPENED', 'ASSIGNED', 'CLOSED', 'REOPENED', 'READ', 'OPTED_OUT', 'OPTED_IN');

-- What happened to conversations, except their messages.
CREATE TABLE activities (
    org_id          uuid          NOT NULL,
    conversation_id uuid          NOT NULL,
    -- Made of `at`, so that it is the order.
    id              uuid          NOT NULL,
    customer_id     uuid          NOT NULL,
    at              timestamptz   NOT NULL,
    type            activity_type NOT NULL,
    actor           text          NOT NULL
        CONSTRAINT activity_actor_length CHECK (octet_length(actor) BETWEEN 1 AND 200),
    detail          json,
    -- What it came from, where that may be told again or in another order; NULL for what people do.
    cause           text,
    PRIMARY KEY (org_id, conversation_id, id)
);
CREATE INDEX activities_of_customer ON activities (org_id, customer_id, id);
CREATE UNIQUE INDEX activity_of_cause ON activities (org_id, conversation_id, cause) WHERE cause IS NOT NULL;

-- What an organization decides about its conversations; written by the api-gateway's pushes.
CREATE TABLE org_settings (
    org_id             uuid    PRIMARY KEY,
    -- The greatest that was pushed: an older one that arrives late changes nothing.
    version            bigint  NOT NULL,
    reopens_on_message boolean NOT NULL
);

-- Which organizations there are, for what is done for each of them: ids only, outside row-level security.
CREATE TABLE org_directory (
    org_id uuid PRIMARY KEY
);

-- As in m0001: Postgres is told how the keys are distributed before their first rows.
ALTER TABLE received_events ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE activities ALTER COLUMN org_id SET (n_distinct = 1);
INSERT INTO received_events (org_id, account_id, event_key, conversation_id, received_at)
SELECT gen_random_uuid(), gen_random_uuid(), n::text, gen_random_uuid(), now() - n * interval '1 hour'
  FROM generate_series(1, 1000) AS n;
INSERT INTO activities (org_id, conversation_id, id, customer_id, at, type, actor)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), 'OPENED', 'customer'
  FROM generate_series(1, 1000) AS n;
ANALYZE received_events, activities;
TRUNCATE received_events, activities;

ALTER TABLE received_events ADD CONSTRAINT received_event_conversation
    FOREIGN KEY (org_id, conversation_id) REFERENCES conversations (org_id, id);
ALTER TABLE activities ADD CONSTRAINT activity_conversation
    FOREIGN KEY (org_id, conversation_id) REFERENCES conversations (org_id, id);

ALTER TABLE received_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE received_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON received_events TO conversations
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE activities ENABLE ROW LEVEL SECURITY;
ALTER TABLE activities FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON activities TO conversations
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE org_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE org_settings FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON org_settings TO conversations
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, DELETE ON received_events TO conversations;
GRANT SELECT, INSERT, UPDATE ON activities, org_settings TO conversations;
GRANT SELECT, INSERT ON org_directory TO conversations;
