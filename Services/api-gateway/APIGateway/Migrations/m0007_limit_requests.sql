-- How many requests an organization, and each of its keys, may make. NULL: the installation's limit, and for a key none of its own.
ALTER TABLE orgs
    ADD COLUMN rate_per_second integer CONSTRAINT org_rate_range CHECK (rate_per_second BETWEEN 1 AND 100000),
    ADD COLUMN rate_burst      integer CONSTRAINT org_burst_range CHECK (rate_burst BETWEEN 1 AND 200000),
    ADD CONSTRAINT org_rate_whole CHECK ((rate_per_second IS NULL) = (rate_burst IS NULL));
ALTER TABLE api_keys
    ADD COLUMN rate_per_second integer CONSTRAINT key_rate_range CHECK (rate_per_second BETWEEN 1 AND 100000),
    ADD COLUMN rate_burst      integer CONSTRAINT key_burst_range CHECK (rate_burst BETWEEN 1 AND 200000),
    ADD CONSTRAINT key_rate_whole CHECK ((rate_per_second IS NULL) = (rate_burst IS NULL)),
    -- The key in whose place it was made; that one ends soon after.
    ADD COLUMN replaces        uuid,
    ADD CONSTRAINT key_replaced FOREIGN KEY (org_id, replaces) REFERENCES api_keys (org_id, id);
CREATE INDEX api_keys_replacing ON api_keys (org_id, replaces) WHERE replaces IS NOT NULL;

-- What is left of each limit, for all gateways together. Of an organization and of a key it is one row, a token bucket as a point
-- in time: when it is full again if nobody takes anything. Not logged: after a crash of Postgres all buckets are full.
CREATE UNLOGGED TABLE rate_buckets (
    org_id   uuid        NOT NULL,
    -- The organization itself, or one of its keys.
    owner_id uuid        NOT NULL,
    full_at  timestamptz NOT NULL,
    PRIMARY KEY (org_id, owner_id)
);
ALTER TABLE rate_buckets SET (fillfactor = 50);

ALTER TABLE rate_buckets ENABLE ROW LEVEL SECURITY;
ALTER TABLE rate_buckets FORCE ROW LEVEL SECURITY;
CREATE POLICY organizations ON rate_buckets TO gateway
    USING (org_id = ANY (current_setting('app.org_ids')::uuid[]))
    WITH CHECK (org_id = ANY (current_setting('app.org_ids')::uuid[]));
GRANT SELECT, INSERT, UPDATE ON rate_buckets TO gateway;
