CREATE TYPE key_mode AS ENUM ('live', 'test');

CREATE TABLE api_keys (
    org_id       uuid        NOT NULL,
    id           uuid        NOT NULL,
    name         text        NOT NULL CONSTRAINT key_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    scopes       text[]      NOT NULL CONSTRAINT key_scopes_count CHECK (cardinality(scopes) BETWEEN 1 AND 50),
    mode         key_mode    NOT NULL,
    -- HMAC-SHA-256 of the key under KEY_PEPPER: the key itself is stored nowhere.
    secret_mac   bytea       NOT NULL CONSTRAINT key_mac_length CHECK (octet_length(secret_mac) = 32),
    expires_at   timestamptz,
    revoked_at   timestamptz,
    -- Written at most once a minute, after the request.
    last_used_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, id),
    CONSTRAINT key_org FOREIGN KEY (org_id) REFERENCES orgs (org_id)
);

-- Whose key it is: ids only, read before an organization is known, and so outside row-level security.
CREATE TABLE key_directory (
    key_id uuid PRIMARY KEY,
    org_id uuid NOT NULL
);

ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON api_keys TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE ON api_keys TO gateway;
GRANT SELECT, INSERT ON key_directory TO gateway;
