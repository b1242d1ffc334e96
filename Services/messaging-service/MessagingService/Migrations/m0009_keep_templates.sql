-- What messages are made of: a template for each code, channel and language, and each of its versions.
CREATE TABLE templates (
    org_id     uuid        NOT NULL,
    id         uuid        NOT NULL,
    code       text        NOT NULL CONSTRAINT template_code_length CHECK (char_length(code) BETWEEN 1 AND 512),
    channel    channel     NOT NULL,
    language   text        NOT NULL CONSTRAINT template_language_length CHECK (char_length(language) BETWEEN 2 AND 15),
    -- The newest, which new messages are made of.
    version    integer     NOT NULL CONSTRAINT template_version_positive CHECK (version > 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (org_id, id),
    -- The code first: under row-level security an index serves leakproof operators only, and the equality of enums is none.
    CONSTRAINT template_taken UNIQUE (org_id, code, language, channel)
);

-- A version never changes.
CREATE TABLE template_versions (
    org_id      uuid        NOT NULL,
    template_id uuid        NOT NULL,
    version     integer     NOT NULL,
    -- subject, body, html, variables, whatsapp; json and not jsonb, as messages.content.
    content     json        NOT NULL,
    actor       text        NOT NULL,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (org_id, template_id, version),
    CONSTRAINT version_template FOREIGN KEY (org_id, template_id) REFERENCES templates (org_id, id) ON DELETE CASCADE
);

ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON templates TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE template_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE template_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON template_versions TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON templates TO messaging;
GRANT SELECT, INSERT ON template_versions TO messaging;

-- As in m0002: Postgres counts 1,000 rows of each new table, which then go; what it learned stays.
ALTER TABLE templates ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE template_versions ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE templates NO FORCE ROW LEVEL SECURITY;
ALTER TABLE template_versions NO FORCE ROW LEVEL SECURITY;
INSERT INTO templates (org_id, id, code, channel, language, version, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), n::text, 'sms', 'en', 1, now() FROM generate_series(1, 1000) AS n;
INSERT INTO template_versions (org_id, template_id, version, content, actor, created_at)
SELECT org_id, id, 1, '{}', 'counted', now() FROM templates;
ANALYZE templates, template_versions;
TRUNCATE templates, template_versions;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
ALTER TABLE template_versions FORCE ROW LEVEL SECURITY;
