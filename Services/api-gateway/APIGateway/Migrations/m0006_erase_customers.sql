-- Customers that were erased, and how far each service is. Kept for ever: whoever restores a database from before has to do it
-- again. It holds ids and hashes, and nothing else of them.
CREATE TABLE erasures (
    org_id           uuid        NOT NULL,
    id               uuid        NOT NULL,
    customer_id      uuid        NOT NULL,
    -- With those who were merged into them.
    customer_ids     uuid[]      NOT NULL,
    conversation_ids uuid[]      NOT NULL DEFAULT '{}',
    -- Hashes of their addresses, under customer-service's key.
    address_marks    text[]      NOT NULL DEFAULT '{}',
    actor            text        NOT NULL,
    request_id       text,
    created_at       timestamptz NOT NULL,
    -- When each service had nothing of them any more; NULL until then.
    customers_at     timestamptz,
    conversations_at timestamptz,
    messages_at      timestamptz,
    inbox_at         timestamptz,
    finished_at      timestamptz,
    -- When all of it was last begun anew, after a restore.
    reapplied_at     timestamptz,
    -- Tries in a row that a service did not answer, and what the last one came to.
    failures         integer     NOT NULL DEFAULT 0,
    last_error       text        CONSTRAINT erasure_error_length CHECK (octet_length(last_error) <= 500),
    PRIMARY KEY (org_id, id),
    CONSTRAINT erasure_known UNIQUE (org_id, customer_id),
    CONSTRAINT erasure_finished CHECK (
        finished_at IS NULL OR num_nulls(customers_at, conversations_at, messages_at, inbox_at) = 0
    )
);

-- Which of them there is something to do for, whosever they are: a directory of ids and times, outside row-level security.
CREATE TABLE erasures_due (
    org_id     uuid        NOT NULL,
    erasure_id uuid        NOT NULL,
    -- When somebody next looks; who works on one moves it on.
    due_at     timestamptz NOT NULL,
    PRIMARY KEY (org_id, erasure_id)
);
CREATE INDEX erasures_by_time ON erasures_due (due_at);

ALTER TABLE erasures ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON erasures TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE ON erasures TO gateway;
GRANT SELECT, INSERT, UPDATE, DELETE ON erasures_due TO gateway;
