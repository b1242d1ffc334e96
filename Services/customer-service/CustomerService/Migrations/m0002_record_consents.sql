CREATE TYPE channel AS ENUM ('whatsapp', 'sms', 'email', 'push', 'inapp', 'webhook', 'sandbox');
CREATE TYPE consent_purpose AS ENUM ('marketing', 'transactional');
-- The stricter last: of two statements of the same time and key the greater one counts.
CREATE TYPE consent_status AS ENUM ('opted_in', 'opted_out');

-- When a customer called themself so, and in which event; NULL in a name that the organization gave.
ALTER TABLE customers
    ADD COLUMN name_seen_at   timestamptz,
    ADD COLUMN name_event_key text COLLATE "C";

-- What was said about a consent, by a customer or for one; it can only grow.
CREATE TABLE consent_changes (
    org_id      uuid            NOT NULL,
    id          uuid            NOT NULL,
    customer_id uuid            NOT NULL,
    channel     channel         NOT NULL,
    purpose     consent_purpose NOT NULL,
    status      consent_status  NOT NULL,
    source      text            NOT NULL CONSTRAINT consent_source_length CHECK (char_length(source) BETWEEN 1 AND 200),
    proof       text            CONSTRAINT consent_proof_length CHECK (char_length(proof) BETWEEN 1 AND 2000),
    -- When it was said, which may be long before it is recorded.
    at          timestamptz     NOT NULL,
    event_key   text            COLLATE "C" NOT NULL CONSTRAINT consent_event_length CHECK (octet_length(event_key) BETWEEN 1 AND 400),
    -- Whose event it is; NULL where no message said it.
    account_id  uuid,
    recorded_at timestamptz     NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    -- Without the customer: an event that comes again after its sender's address changed hands changes nothing.
    CONSTRAINT consent_change_known UNIQUE (org_id, event_key, account_id, channel, purpose),
    CONSTRAINT consent_change_customer FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id)
);
CREATE INDEX consent_changes_of_customer ON consent_changes (org_id, customer_id, id);

-- Of a customer's changes for a channel and purpose, the latest.
CREATE TABLE consents (
    org_id      uuid            NOT NULL,
    customer_id uuid            NOT NULL,
    channel     channel         NOT NULL,
    purpose     consent_purpose NOT NULL,
    status      consent_status  NOT NULL,
    source      text            NOT NULL,
    proof       text,
    at          timestamptz     NOT NULL,
    event_key   text            COLLATE "C" NOT NULL,
    PRIMARY KEY (org_id, customer_id, channel, purpose),
    CONSTRAINT consent_customer FOREIGN KEY (org_id, customer_id) REFERENCES customers (org_id, id)
);

-- As in m0001: Postgres counts 1,000 rows of a new database, which then go; what it learned stays.
ALTER TABLE consent_changes ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE consents ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE customers NO FORCE ROW LEVEL SECURITY;
ALTER TABLE identities NO FORCE ROW LEVEL SECURITY;
DO $$
BEGIN
    IF EXISTS (SELECT FROM customers) THEN
        RETURN;
    END IF;
    INSERT INTO customers (org_id, id) SELECT gen_random_uuid(), gen_random_uuid() FROM generate_series(1, 1000);
    INSERT INTO consent_changes (org_id, id, customer_id, channel, purpose, status, source, at, event_key)
    SELECT org_id, id, id, 'sms', 'marketing', 'opted_in', 'counted', now(), id::text FROM customers;
    INSERT INTO consents (org_id, customer_id, channel, purpose, status, source, at, event_key)
    SELECT org_id, id, 'sms', 'marketing', 'opted_in', 'counted', now(), id::text FROM customers;
    SET CONSTRAINTS ALL IMMEDIATE;
    ANALYZE consent_changes, consents;
    TRUNCATE customers, identities, consent_changes, consents;
END $$;
ALTER TABLE customers FORCE ROW LEVEL SECURITY;
ALTER TABLE identities FORCE ROW LEVEL SECURITY;

ALTER TABLE consent_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON consent_changes TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE consents ENABLE ROW LEVEL SECURITY;
ALTER TABLE consents FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON consents TO customers
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT ON consent_changes TO customers;
GRANT SELECT, INSERT, UPDATE ON consents TO customers;
GRANT UPDATE ON customers, identities TO customers;
