-- A deleted account stays for the messages that name it, without its credentials; its name is free again.
ALTER TABLE channel_accounts
    ADD COLUMN deleted_at timestamptz,
    ALTER COLUMN credentials DROP NOT NULL,
    DROP CONSTRAINT account_name_taken,
    ADD CONSTRAINT account_credentials CHECK (credentials IS NOT NULL OR deleted_at IS NOT NULL),
    ADD CONSTRAINT account_gone CHECK (deleted_at IS NULL OR credentials IS NULL AND NOT is_default);
CREATE UNIQUE INDEX account_name_taken ON channel_accounts (org_id, channel, name) WHERE deleted_at IS NULL;
