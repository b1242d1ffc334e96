-- What is kept of customers who were deleted or erased: that they were there, under every id they had, and by which hashes
-- their addresses are recognised. Rows with one `customer_id` were one customer in the end.
CREATE TABLE gone_customers (
    org_id        uuid        NOT NULL,
    id            uuid        NOT NULL,
    customer_id   uuid        NOT NULL,
    -- Shared/Secrets/AddressMarks; nobody reads an address in them.
    address_marks text[]      NOT NULL,
    created_at    timestamptz NOT NULL,
    gone_at       timestamptz NOT NULL DEFAULT now(),
    -- NULL while they are only deleted: other services may then still have what they wrote.
    erased_at     timestamptz,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX gone_customers_together ON gone_customers (org_id, customer_id);

-- Opt-outs outlive who said them: whoever has the address later gets nothing until they say otherwise themselves.
CREATE TABLE kept_opt_outs (
    org_id       uuid            NOT NULL,
    address_mark text            NOT NULL CONSTRAINT opt_out_mark CHECK (address_mark LIKE 'erased:%'),
    channel      channel         NOT NULL,
    purpose      consent_purpose NOT NULL,
    at           timestamptz     NOT NULL,
    -- The mark before the enums, as in identities.
    PRIMARY KEY (org_id, address_mark, channel, purpose)
);

-- As in m0001: Postgres counts 1,000 rows of a new table, which then go; what it learned stays.
ALTER TABLE gone_customers ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE kept_opt_outs ALTER COLUMN org_id SET (n_distinct = 1);
INSERT INTO gone_customers (org_id, id, customer_id, address_marks, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '{}', now() FROM generate_series(1, 1000);
INSERT INTO kept_opt_outs (org_id, address_mark, channel, purpose, at)
SELECT org_id, 'erased:' || id, 'sms', 'marketing', now() FROM gone_customers;
ANALYZE gone_customers, kept_opt_outs;
TRUNCATE gone_customers, kept_opt_outs;

ALTER TABLE gone_customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE gone_customers FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON gone_customers TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE kept_opt_outs ENABLE ROW LEVEL SECURITY;
ALTER TABLE kept_opt_outs FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON kept_opt_outs TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE ON gone_customers, kept_opt_outs TO customers;
-- What was said about consents goes with who said it.
GRANT DELETE ON consent_changes TO customers;
