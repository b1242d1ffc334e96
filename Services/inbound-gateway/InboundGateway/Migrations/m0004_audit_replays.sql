-- Who passed events on once more, and who asked for the past: the trail that every service has of what people did.
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
-- Until Postgres first counts the rows it would take the organization alone to identify one.
ALTER TABLE audit_events ALTER COLUMN org_id SET (n_distinct = 1);

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON audit_events TO inbound
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT ON audit_events TO inbound;
