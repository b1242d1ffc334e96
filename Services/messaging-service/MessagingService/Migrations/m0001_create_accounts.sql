CREATE TYPE channel AS ENUM ('whatsapp', 'sms', 'email', 'push', 'inapp', 'webhook', 'sandbox');
CREATE TYPE provider AS ENUM ('whatsapp_cloud', 'twilio', 'smtp', 'sendgrid', 'http', 'sandbox');

CREATE TABLE channel_accounts (
    org_id         uuid        NOT NULL,
    id             uuid        NOT NULL,
    channel        channel     NOT NULL,
    provider       provider    NOT NULL,
    name           text        NOT NULL CONSTRAINT account_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    -- What the provider calls the account in its webhooks: WhatsApp's phone_number_id.
    number         text,
    -- Sealed under MASTER_KEY, bound to this row.
    credentials    bytea       NOT NULL,
    settings       json        NOT NULL,
    is_default     boolean     NOT NULL,
    -- Until then nothing of the account is leased: the provider refused the account itself.
    blocked_until  timestamptz,
    blocked_reason text,
    block_count    integer     NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    CONSTRAINT account_name_taken UNIQUE (org_id, channel, name)
);
CREATE UNIQUE INDEX account_default ON channel_accounts (org_id, channel) WHERE is_default;

-- Directories: nothing but ids, read before an organization is known, and so outside row-level security.
CREATE TABLE account_directory (
    account_id uuid PRIMARY KEY,
    org_id     uuid NOT NULL
);
-- One number belongs to one organization: its webhooks can reach only one.
CREATE TABLE number_directory (
    provider   provider NOT NULL,
    number     text     NOT NULL,
    org_id     uuid     NOT NULL,
    account_id uuid     NOT NULL,
    CONSTRAINT number_taken PRIMARY KEY (provider, number)
);

ALTER TABLE channel_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE channel_accounts FORCE ROW LEVEL SECURITY;
-- Outside a transaction that has set its organizations, reading this setting is an error: the policy fails closed.
CREATE POLICY organizations ON channel_accounts TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON channel_accounts, account_directory, number_directory TO messaging;
