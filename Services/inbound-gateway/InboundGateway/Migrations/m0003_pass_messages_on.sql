-- Messages are passed on too. What is stored without effect is ignored: an unknown kind of event, or a number that is nobody's.
ALTER TYPE inbox_state RENAME VALUE 'kept' TO 'ignored';

ALTER TABLE inbox_events
    -- Its place among the events of its webhook: messages that came together have arrived in this order.
    ADD COLUMN position integer NOT NULL DEFAULT 0;

-- Reports and messages are passed on apart: they need other services, and neither is to wait for the other's.
DROP INDEX inbox_events_due;
CREATE INDEX inbox_events_due ON inbox_events (org_id, kind, next_attempt_at) WHERE state = 'pending';
CREATE INDEX inbox_events_failed ON inbox_events (org_id, id) WHERE state = 'failed';
CREATE INDEX inbox_events_by_id ON inbox_events (org_id, id);
CREATE INDEX inbox_events_of_request ON inbox_events (org_id, request_id);

-- When a gateway was last there to take webhooks, and since when messages are to be asked for that came while none was.
-- Belongs to no organization.
CREATE TABLE inbox_presence (
    is_only      boolean PRIMARY KEY DEFAULT true CONSTRAINT inbox_presence_once CHECK (is_only),
    seen_at      timestamptz NOT NULL,
    behind_since timestamptz
);
GRANT SELECT, INSERT, UPDATE ON inbox_presence TO inbound;
