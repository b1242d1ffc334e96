CREATE TYPE channel AS ENUM ('whatsapp', 'sms', 'email', 'push', 'inapp', 'webhook', 'sandbox');
CREATE TYPE address_kind AS ENUM ('phone', 'email', 'whatsapp', 'push', 'external');
CREATE TYPE conversation_status AS ENUM ('open', 'closed');

CREATE TABLE conversations (
    org_id       uuid                NOT NULL,
    id           uuid                NOT NULL,
    customer_id  uuid                NOT NULL,
    account_id   uuid                NOT NULL,
    channel      channel             NOT NULL,
    -- Where the customer was reached last.
    address_kind address_kind        NOT NULL,
    address      text                NOT NULL
        CONSTRAINT conversation_address_length CHECK (octet_length(address) BETWEEN 1 AND 320),
    status       conversation_status NOT NULL DEFAULT 'open',
    created_at   timestamptz         NOT NULL DEFAULT now(),
    updated_at   timestamptz         NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    -- A customer has one conversation with each channel account.
    CONSTRAINT conversation_taken UNIQUE (org_id, customer_id, account_id)
);

-- Until Postgres first counts the rows, a minute or so after they come, it takes the organization alone to identify a row,
-- and reads all rows of one to find each. So it is told otherwise, and counts 1,000 rows, which then go: what it learned stays.
ALTER TABLE conversations ALTER COLUMN org_id SET (n_distinct = 1);
INSERT INTO conversations (org_id, id, customer_id, account_id, channel, address_kind, address)
SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'sms', 'phone', n::text
  FROM generate_series(1, 1000) AS n;
ANALYZE conversations;
TRUNCATE conversations;

-- Outside a transaction that has set its organizations, reading this setting is an error: the policy fails closed.
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON conversations TO conversations
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE ON conversations TO conversations;
