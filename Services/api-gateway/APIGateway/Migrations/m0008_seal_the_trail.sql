-- Each line of the trail is sealed into its organization's chain, shortly after it was written (Shared/AuditTrail).
-- A seal holds the hash of each line, and of the seal before it; in a line's hash its detail is stood for by
-- sha256(salt || detail). Where a detail was erased that is kept, and the line that says why.
ALTER TABLE audit_events
    ADD COLUMN salt        uuid,
    ADD COLUMN detail_hash bytea CONSTRAINT audit_detail_hash_length CHECK (octet_length(detail_hash) = 32),
    ADD COLUMN redacted_by uuid,
    ADD CONSTRAINT audit_redacted CHECK (detail_hash IS NULL OR num_nonnulls(detail, salt) = 0) NOT VALID;

-- The lines that no seal has yet, written and removed together with the line and with its seal: a directory of ids, outside
-- row-level security, because it says whose trail there is something to do for. It is small and always new.
CREATE TABLE audit_unsealed (
    org_id   uuid NOT NULL,
    event_id uuid NOT NULL,
    PRIMARY KEY (org_id, event_id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

CREATE TABLE audit_seals (
    org_id       uuid        NOT NULL,
    -- 1, 2, 3, ... without a gap: of two that seal at the same time one fails.
    number       bigint      NOT NULL CONSTRAINT audit_seal_counted CHECK (number > 0),
    event_ids    uuid[]      NOT NULL CONSTRAINT audit_seal_size CHECK (cardinality(event_ids) BETWEEN 1 AND 500),
    -- 32 bytes for each of them.
    event_hashes bytea       NOT NULL,
    first_id     uuid        NOT NULL,
    -- The greatest id in this seal and all before it.
    through_id   uuid        NOT NULL,
    sealed_at    timestamptz NOT NULL,
    -- When last no line waited.
    settled_at   timestamptz NOT NULL,
    previous     bytea       NOT NULL CONSTRAINT audit_seal_previous_length CHECK (octet_length(previous) = 32),
    hash         bytea       NOT NULL CONSTRAINT audit_seal_hash_length CHECK (octet_length(hash) = 32),
    CONSTRAINT audit_seal_number PRIMARY KEY (org_id, number),
    CONSTRAINT audit_seal_hashes CHECK (octet_length(event_hashes) = 32 * cardinality(event_ids))
);
-- Hashes and random ids do not compress.
ALTER TABLE audit_seals ALTER COLUMN event_ids SET STORAGE EXTERNAL, ALTER COLUMN event_hashes SET STORAGE EXTERNAL;

-- Until Postgres first counts the rows it would take the organization alone to identify one.
ALTER TABLE audit_seals ALTER COLUMN org_id SET (n_distinct = 1);
ALTER TABLE audit_unsealed ALTER COLUMN org_id SET (n_distinct = 1);

ALTER TABLE audit_seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_seals FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON audit_seals TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
-- Seals can only be added, as lines can.
GRANT SELECT, INSERT ON audit_seals TO gateway;
GRANT SELECT, INSERT, DELETE ON audit_unsealed TO gateway;

-- What is there already is sealed first.
ALTER TABLE audit_events NO FORCE ROW LEVEL SECURITY;
INSERT INTO audit_unsealed (org_id, event_id) SELECT org_id, id FROM audit_events;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
