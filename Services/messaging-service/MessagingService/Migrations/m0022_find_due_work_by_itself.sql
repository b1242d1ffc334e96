-- The indexes by time alone are the engine's, which looks for work of every organization. Once the table is counted while one
-- account has nearly all of it, a claim of an account, which is sorted by time too, looked as cheap along them as along its own
-- index; and then walked the queue of everybody for the few of another. Nothing but a statement that says the same of `place`
-- can use them now: where it is set and where not follows from the state (`outbox_place`).
DROP INDEX outbox_due, outbox_scheduled;
CREATE INDEX outbox_due ON outbox (due_at) INCLUDE (org_id, account_id, urgent)
    WHERE state IN ('ready', 'uncertain') AND place IS NOT NULL;
CREATE INDEX outbox_scheduled ON outbox (due_at) WHERE state = 'scheduled' AND place IS NULL;
GRANT SELECT (place) ON outbox TO messaging_engine;
