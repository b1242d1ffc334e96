-- `report`: what a provider says about a message we sent. `message`: what a customer wrote. `other`: anything else.
CREATE TYPE inbox_kind AS ENUM ('report', 'message', 'other');
-- `pending`: still to be passed on. `done`: passed on. `kept`: stored for a version that knows what to do with it.
-- `failed`: refused too often; a person has to look.
CREATE TYPE inbox_state AS ENUM ('pending', 'done', 'kept', 'failed');

-- Each webhook as it came, byte for byte.
CREATE TABLE inbox_requests (
    org_id      uuid          NOT NULL,
    id          uuid          NOT NULL,
    account_id  uuid          NOT NULL,
    provider    provider_kind NOT NULL,
    received_at timestamptz   NOT NULL DEFAULT now(),
    url         text          NOT NULL,
    -- Only those that a verification reads.
    headers     jsonb         NOT NULL,
    -- Of a request for several organizations, the part that is this one's.
    body        bytea         NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX inbox_requests_age ON inbox_requests (org_id, received_at);

-- One row for each event of a webhook, however often the provider repeats it.
-- No foreign key to the request: it is written after its events, and only if one of them was new.
CREATE TABLE inbox_events (
    org_id          uuid          NOT NULL,
    account_id      uuid          NOT NULL,
    -- Unique within the account, and an account has one provider.
    event_key       text          NOT NULL CONSTRAINT event_key_length CHECK (octet_length(event_key) BETWEEN 1 AND 512),
    provider        provider_kind NOT NULL,
    id              uuid          NOT NULL,
    request_id      uuid          NOT NULL,
    kind            inbox_kind    NOT NULL,
    state           inbox_state   NOT NULL,
    -- Tries so far, whatever came of them: they set the pause before the next one.
    attempts        int           NOT NULL DEFAULT 0,
    -- Tries that messaging-service answered with a refusal: these alone lead to `failed`, an outage never does.
    refusals        int           NOT NULL DEFAULT 0,
    last_error      text          CONSTRAINT last_error_length CHECK (octet_length(last_error) <= 2048),
    next_attempt_at timestamptz,
    -- The event as we read it.
    content         jsonb         NOT NULL,
    received_at     timestamptz   NOT NULL DEFAULT now(),
    processed_at    timestamptz,
    PRIMARY KEY (org_id, account_id, event_key),
    CONSTRAINT pending_has_a_time CHECK ((state = 'pending') = (next_attempt_at IS NOT NULL)),
    CONSTRAINT done_has_a_time CHECK ((state = 'done') = (processed_at IS NOT NULL))
);
CREATE INDEX inbox_events_due ON inbox_events (org_id, next_attempt_at) WHERE state = 'pending';
CREATE INDEX inbox_events_age ON inbox_events (org_id, received_at);

ALTER TABLE inbox_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox_requests FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON inbox_requests TO inbound
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE inbox_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE inbox_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON inbox_events TO inbound
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON inbox_requests, inbox_events TO inbound;
