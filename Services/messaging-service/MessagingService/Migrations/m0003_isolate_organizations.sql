ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON messages TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON outbox TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON attempts TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE provider_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON provider_events TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON idempotency_keys TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON audit_events TO messaging
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));

GRANT SELECT, INSERT, UPDATE, DELETE ON messages, outbox, attempts, provider_events, workers TO messaging;
GRANT SELECT ON message_states TO messaging;
-- The trail can only grow.
GRANT SELECT, INSERT ON audit_events TO messaging;
GRANT SELECT, INSERT ON idempotency_keys TO messaging;

-- The engine looks for due work, ended leases and old keys of every organization, and sees nothing else of them:
-- no content, no address. What it finds is then read and changed under the scope of the organizations found.
CREATE POLICY engine ON outbox FOR SELECT TO messaging_engine USING (true);
GRANT SELECT (org_id, message_id, account_id, class, due_at, state, epoch, worker, incarnation, lease_until)
    ON outbox TO messaging_engine;
GRANT SELECT ON workers TO messaging_engine;
CREATE POLICY engine_reads ON idempotency_keys FOR SELECT TO messaging_engine USING (true);
CREATE POLICY engine_deletes ON idempotency_keys FOR DELETE TO messaging_engine
    USING (created_at < now() - interval '7 days');
GRANT SELECT (created_at), DELETE ON idempotency_keys TO messaging_engine;
