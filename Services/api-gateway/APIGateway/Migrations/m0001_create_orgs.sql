-- An organization is its own tenant: its row is under row-level security as every other, and `org_id` is its key.
CREATE TABLE orgs (
    org_id       uuid        PRIMARY KEY,
    name         text        NOT NULL CONSTRAINT org_name_length CHECK (char_length(name) BETWEEN 1 AND 200),
    slug         text        NOT NULL CONSTRAINT org_slug_form CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])$'),
    sms_verified boolean     NOT NULL DEFAULT false,
    suspended    boolean     NOT NULL DEFAULT false,
    -- Fixed when the organization is made: everything it sends goes to the sandbox.
    sandbox      boolean     NOT NULL,
    -- json and not jsonb: our own encoding, read back as it was written.
    settings     json        NOT NULL CONSTRAINT org_settings_length CHECK (octet_length(settings::text) <= 16384),
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now()
);

-- Directories, read before an organization is known, and so outside row-level security. They hold ids and nothing else;
-- a slug is the name that an operator may use in the place of an id.
CREATE TABLE org_directory (
    org_id uuid PRIMARY KEY
);
CREATE TABLE slug_directory (
    slug   text NOT NULL CONSTRAINT slug_taken PRIMARY KEY,
    org_id uuid NOT NULL
);

-- Every administrative act on an organization and its keys.
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

ALTER TABLE orgs ENABLE ROW LEVEL SECURITY;
ALTER TABLE orgs FORCE ROW LEVEL SECURITY;
-- Outside a transaction that has set its organizations, reading this setting is an error: the policy fails closed.
CREATE POLICY organizations ON orgs TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON audit_events TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE ON orgs TO gateway;
GRANT SELECT, INSERT ON org_directory, slug_directory TO gateway;
-- The trail can only grow.
GRANT SELECT, INSERT ON audit_events TO gateway;
