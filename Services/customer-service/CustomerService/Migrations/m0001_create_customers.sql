CREATE TYPE address_kind AS ENUM ('phone', 'email', 'whatsapp', 'push', 'external');

CREATE TABLE customers (
    org_id     uuid        NOT NULL,
    id         uuid        NOT NULL,
    -- A customer made from an address has none yet.
    name       text        CONSTRAINT customer_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id)
);

CREATE TABLE identities (
    org_id      uuid         NOT NULL,
    value       text         NOT NULL CONSTRAINT identity_value_length CHECK (octet_length(value) BETWEEN 1 AND 320),
    kind        address_kind NOT NULL,
    customer_id uuid         NOT NULL,
    created_at  timestamptz  NOT NULL DEFAULT now(),
    -- The value before the kind: under row-level security an index serves leakproof operators only, and the equality of
    -- enums is none. With the kind in between, each look-up would read all addresses of the organization.
    CONSTRAINT identity_taken PRIMARY KEY (org_id, value, kind),
    -- Deferred, because the identity is inserted first: only who wins it makes a customer.
    CONSTRAINT identity_customer FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX identities_of_customer ON identities (org_id, customer_id, kind);

-- Until Postgres first counts the rows, a minute or so after they come, it takes the organization alone to identify a row,
-- and reads all rows of one to find each. So it is told otherwise, and counts 1,000 rows, which then go: what it learned stays.
ALTER TABLE customers ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE identities ALTER COLUMN org_id SET (n_distinct = 1);
INSERT INTO customers (org_id, id) SELECT gen_random_uuid(), gen_random_uuid() FROM generate_series(1, 1000);
INSERT INTO identities (org_id, value, kind, customer_id) SELECT org_id, id::text, 'phone', id FROM customers;
SET CONSTRAINTS ALL IMMEDIATE;
ANALYZE customers, identities;
TRUNCATE customers, identities;

-- Outside a transaction that has set its organizations, reading this setting is an error: the policies fail closed.
ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON customers TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON identities TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT ON customers, identities TO customers;
