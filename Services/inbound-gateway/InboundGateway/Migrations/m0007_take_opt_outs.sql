-- `opt_out`: a recipient wants no more marketing, by a message's link or by their mail program.
ALTER TYPE inbox_kind ADD VALUE 'opt_out';

-- Its own, like those of the other kinds (m0005). The new value can not be named before this transaction ends; it is the last one.
CREATE INDEX inbox_events_opt_outs_due ON inbox_events (org_id, next_attempt_at) WHERE state = 'pending' AND kind > 'other';
