-- Raised by every change of an organization: of two states that messaging-service is told, the later one stays.
ALTER TABLE orgs ADD COLUMN settings_version bigint NOT NULL DEFAULT 1
    CONSTRAINT org_settings_version_positive CHECK (settings_version > 0);

-- Which organizations messaging-service is still to be told of, whoever they are: a directory of ids and numbers, outside
-- row-level security. `version` is written in the transaction that writes the organization, `pushed` when the push arrived.
CREATE TABLE org_pushes (
    org_id  uuid   PRIMARY KEY,
    version bigint NOT NULL DEFAULT 1,
    pushed  bigint NOT NULL DEFAULT 0,
    CONSTRAINT org_push_of_a_version CHECK (pushed BETWEEN 0 AND version)
);
CREATE INDEX org_pushes_due ON org_pushes (org_id) WHERE pushed < version;
GRANT SELECT, INSERT, UPDATE ON org_pushes TO gateway;

-- Those there are have never been told of.
INSERT INTO org_pushes (org_id) SELECT org_id FROM org_directory;
