-- What an organization knows of its customers, beyond their addresses.
ALTER TABLE customers
    ADD COLUMN first_name text CONSTRAINT customer_first_name_length CHECK (char_length(first_name) BETWEEN 1 AND 200),
    ADD COLUMN timezone   text,
    ADD COLUMN language   text,
    -- Known for a while, by the address only.
    ADD COLUMN is_guest   boolean NOT NULL DEFAULT false,
    -- The caller's own: strings, numbers and booleans by name.
    ADD COLUMN fields     json    NOT NULL DEFAULT '{}',
    -- What a search for the beginning of a name compares. A column, because under row-level security no index on an
    -- expression is used; by ICU, because in the locale C there are no capitals but A to Z.
    ADD COLUMN name_key   text    COLLATE "C"
        GENERATED ALWAYS AS (lower(coalesce(name, first_name) COLLATE "und-x-icu")) STORED;
CREATE INDEX customers_by_name ON customers (org_id, name_key, id);
CREATE INDEX customer_guests ON customers (org_id, id) WHERE is_guest;
-- A part of a telephone number is looked for in this index alone.
CREATE INDEX identity_phones ON identities (org_id, value COLLATE "C") INCLUDE (customer_id) WHERE kind = 'phone';

-- Which customers have a field of a value. The digest of both stands for them, because an index takes no text of every length;
-- who reads it compares the field itself.
CREATE TABLE customer_fields (
    org_id      uuid NOT NULL,
    digest      uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (org_id, digest, customer_id),
    CONSTRAINT field_customer FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id)
);
CREATE INDEX fields_of_customer ON customer_fields (org_id, customer_id);

-- The ids of customers that were merged into others: they are known forever.
CREATE TABLE customer_redirects (
    org_id      uuid        NOT NULL,
    id          uuid        NOT NULL,
    -- Who it is now; never merged away itself.
    customer_id uuid        NOT NULL,
    merged_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    CONSTRAINT redirect_customer FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id)
);
CREATE INDEX redirects_to_customer ON customer_redirects (org_id, customer_id);

CREATE TABLE groups (
    org_id     uuid        NOT NULL,
    id         uuid        NOT NULL,
    name       text        NOT NULL CONSTRAINT group_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    CONSTRAINT group_name_taken UNIQUE (org_id, name)
);
CREATE TABLE group_members (
    org_id      uuid        NOT NULL,
    group_id    uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    added_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, group_id, customer_id),
    CONSTRAINT member_group FOREIGN KEY (org_id, group_id) REFERENCES groups (org_id, id) ON DELETE CASCADE,
    CONSTRAINT member_customer FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id)
);
CREATE INDEX groups_of_customer ON group_members (org_id, customer_id);

-- Addresses to which nothing is sent, whoever has them.
CREATE TABLE suppressions (
    org_id     uuid         NOT NULL,
    id         uuid         NOT NULL,
    value      text         NOT NULL CONSTRAINT suppression_value_length CHECK (octet_length(value) BETWEEN 1 AND 320),
    kind       address_kind NOT NULL,
    -- NULL for every channel.
    channel    channel,
    reason     text         CONSTRAINT suppression_reason_length CHECK (char_length(reason) BETWEEN 1 AND 500),
    -- NULL for ever.
    expires_at timestamptz,
    created_at timestamptz  NOT NULL DEFAULT now(),
    updated_at timestamptz  NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    -- The value first, as in identities.
    CONSTRAINT suppression_known UNIQUE NULLS NOT DISTINCT (org_id, value, kind, channel)
);

CREATE TABLE idempotency_keys (
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

-- As in m0001: Postgres counts 1,000 rows of a new database, which then go; what it learned stays.
ALTER TABLE customer_fields ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE customer_redirects ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE groups ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE group_members ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE suppressions ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE idempotency_keys ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE audit_events ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE customers NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identities NO FORCE ROW LEVEL SECURITY;
ALTER TABLE consents NO FORCE ROW LEVEL SECURITY;
ALTER TABLE consent_changes NO FORCE ROW LEVEL SECURITY;
DO $$
BEGIN
    IF EXISTS (SELECT FROM customers) THEN
        RETURN;
    END IF;
    INSERT INTO customers (org_id, id, name) SELECT gen_random_uuid(), gen_random_uuid(), n::text FROM generate_series(1, 1000) n;
    INSERT INTO identities (org_id, value, kind, customer_id) SELECT org_id, id::text, 'phone', id FROM customers;
    INSERT INTO customer_fields (org_id, digest, customer_id) SELECT org_id, gen_random_uuid(), id FROM customers;
    INSERT INTO customer_redirects (org_id, id, customer_id) SELECT org_id, gen_random_uuid(), id FROM customers;
    INSERT INTO groups (org_id, id, name) SELECT org_id, gen_random_uuid(), 'counted' FROM customers;
    INSERT INTO group_members (org_id, group_id, customer_id)
    SELECT g.org_id, g.id, c.id FROM groups g JOIN customers c ON c.org_id = g.org_id;
    INSERT INTO suppressions (org_id, id, value, kind) SELECT org_id, gen_random_uuid(), id::text, 'phone' FROM customers;
    INSERT INTO idempotency_keys (org_id, operation, key, fingerprint) SELECT org_id, 'counted', id::text, '' FROM customers;
    INSERT INTO audit_events (org_id, id, actor, action, entity_type, entity_id)
    SELECT org_id, gen_random_uuid(), 'counted', 'CREATED', 'customer', id FROM customers;
    SET CONSTRAINTS ALL IMMEDIATE;
    ANALYZE customers, identities, customer_fields, customer_redirects, groups, group_members, suppressions, idempotency_keys,
            audit_events;
    TRUNCATE customers, identities, consents, consent_changes, customer_fields, customer_redirects, groups, group_members,
             suppressions, idempotency_keys, audit_events;
END $$;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;
ALTER TABLE consents FORCE ROW LEVEL SECURITY;
ALTER TABLE consent_changes FORCE ROW LEVEL SECURITY;

ALTER TABLE customer_fields ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_fields FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON customer_fields TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE customer_redirects ENABLE ROW LEVEL SECURITY;
ALTER TABLE customer_redirects FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON customer_redirects TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE groups FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON groups TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE group_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE group_members FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON group_members TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE suppressions ENABLE ROW LEVEL SECURITY;
ALTER TABLE suppressions FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON suppressions TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON idempotency_keys TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON audit_events TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON customer_fields, customer_redirects, groups, group_members, suppressions, idempotency_keys
    TO customers;
-- The trail can only grow, and of what was said about consents only whom it is about can change: in a merge.
GRANT SELECT, INSERT ON audit_events TO customers;
GRANT UPDATE (customer_id) ON consent_changes TO customers;
GRANT DELETE ON customers, identities, consents TO customers;
