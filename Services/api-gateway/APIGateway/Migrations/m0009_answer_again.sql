-- Answers to creates that came with an idempotency key, for seven days. What a key's creation answered is sealed under KEY_PEPPER.
CREATE TABLE idempotency_keys (
    -- Of the creation of an organization: the id that nobody has.
    org_id      uuid        NOT NULL,
    operation   text        NOT NULL,
    key         text        NOT NULL CONSTRAINT idempotency_key_length CHECK (octet_length(key) BETWEEN 1 AND 255),
    -- A keyed hash of the request, so that the same key with another request is noticed.
    fingerprint bytea       NOT NULL,
    -- NULL only within the transaction that makes it.
    status      smallint,
    location    text,
    body        bytea,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (org_id, created_at);

ALTER TABLE idempotency_keys ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON idempotency_keys TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO gateway;
