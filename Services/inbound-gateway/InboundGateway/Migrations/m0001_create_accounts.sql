CREATE TYPE provider_kind AS ENUM ('whatsapp_cloud', 'twilio', 'smtp', 'sendgrid', 'http', 'sandbox');

-- The directories precede any organization: a webhook names an account or a number, and only these say whose it is.
-- They hold nothing but ids, and lie outside row-level security.
CREATE TABLE account_directory (
    account_id uuid PRIMARY KEY,
    org_id     uuid NOT NULL
);

CREATE TABLE number_directory (
    provider   provider_kind NOT NULL,
    number     text          NOT NULL CONSTRAINT number_length CHECK (octet_length(number) BETWEEN 1 AND 100),
    org_id     uuid          NOT NULL,
    account_id uuid          NOT NULL,
    PRIMARY KEY (provider, number)
);
CREATE INDEX number_directory_account ON number_directory (account_id);

-- Whose inbox is to be swept. A row stays: an organization whose accounts are gone may still have events.
CREATE TABLE inbox_orgs (
    org_id uuid PRIMARY KEY
);

-- What verifies an account's webhooks while every other service is down. messaging-service owns the original.
CREATE TABLE webhook_accounts (
    org_id     uuid          NOT NULL,
    account_id uuid          NOT NULL,
    provider   provider_kind NOT NULL,
    number     text          CONSTRAINT number_length CHECK (octet_length(number) BETWEEN 1 AND 100),
    -- Sealed under MASTER_KEY, bound to this organization, column and account.
    secrets    bytea         NOT NULL,
    fetched_at timestamptz   NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, account_id)
);

-- Outside a transaction that has set its organizations, reading this setting is an error: the policy fails closed.
ALTER TABLE webhook_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_accounts FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON webhook_accounts TO inbound
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON account_directory, number_directory, webhook_accounts TO inbound;
GRANT SELECT, INSERT ON inbox_orgs TO inbound;
