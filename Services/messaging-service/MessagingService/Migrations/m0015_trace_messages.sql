-- The trace that a message belongs to, as its creation's request had it: every step of its life goes on with it.
-- Not checked for the rows that are there, which have none: that would read all of them under a lock.
ALTER TABLE messages ADD COLUMN trace_parent text;
ALTER TABLE messages ADD CONSTRAINT message_trace_parent CHECK (octet_length(trace_parent) = 55) NOT VALID;

-- What is measured of all organizations together.
GRANT SELECT (gate) ON account_flows TO messaging_engine;
GRANT SELECT (paused_at) ON engine_state TO messaging_engine;
